/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects and instances that a device has no longer since an update: its hook says so. They go from
 * the client, with what servers observed there, and retained copies of old readings do not bring
 * them back, over restarts either. The device itself does, by a new reading.
 */
#ifndef GATEWAY_ABSENT_H
#define GATEWAY_ABSENT_H

#include <stdbool.h>
#include "types/path.h"

struct device;

#define ABSENT_MAX 64 /* paths of one device */

/* "/3304" or "/3304/1"; what is none, or belongs to the client itself, is logged and ignored. */
void absent_told(struct device *d, const char *text);
bool absent_is(const struct device *d, const struct path *p);
void absent_back(struct device *d, const struct path *p); /* the device speaks of it */
void absent_load(struct device *d);                       /* as a restart left them */
void absent_free(struct device *d);

#endif
