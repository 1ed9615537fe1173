/* SPDX-License-Identifier: BSD-3-Clause */
/* Images and states of updates, of devices that are gone. */
#ifndef GATEWAY_RESIDUE_H
#define GATEWAY_RESIDUE_H

struct device;
struct gateway;

/* The folder of a device's updates; the caller frees it. It need not be there. */
char *residue_dir(const struct device *d);
/* What updates leave in a folder goes, and the folder, if nothing else is in it. One without a
 * state of ours is left alone. */
void residue_remove(const char *dir);
/* Once a day: folders of devices that were not there for firmware.keep_for go; the names of those
 * that are there are kept for them. */
void residue_begin(struct gateway *g);
void residue_end(struct gateway *g);

#endif
