/* SPDX-License-Identifier: BSD-3-Clause */
/* Readings that wait to be handed over, with the texts they point at. */
#ifndef MQTT_BATCH_H
#define MQTT_BATCH_H

#include <stddef.h>
#include <lgw/device.h>

/* All zero is an empty batch. */
struct batch {
	struct lgw_reading *r;
	size_t n, size;
	struct batch_block *blocks; /* the newest first */
	size_t bytes;               /* of texts */
};
struct lgw_reading *batch_add(struct batch *b); /* valid until the next one */
/* A NUL-terminated copy that lives until the batch is emptied. */
const char *batch_keep(struct batch *b, const char *s, size_t len);
void batch_empty(struct batch *b);
void batch_free(struct batch *b);

#endif
