/* SPDX-License-Identifier: BSD-3-Clause */
/* What is in a message: JSON within limits, or plain text. */
#ifndef MQTT_PAYLOAD_H
#define MQTT_PAYLOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <lgw/value.h>

#define JSON_DEPTH 32 /* objects and arrays within each other */

struct payload {
	json_t *json;     /* objects, arrays, and plain numbers, true, false, null; else NULL */
	const char *text; /* with white space around it cut off, len bytes */
	size_t len;
	bool empty;
};

/*
 * data is borrowed as long as the payload lives. What begins with '{' or '[' must be JSON, all
 * else may be a text. LGW_EINVAL with the reason in why: broken JSON, too deep, no UTF-8.
 */
int payload_parse(struct payload *p, const char *data, size_t len, char *why, size_t size);
void payload_fini(struct payload *p);

/* The scalar as a value; a text is borrowed from j. false: null, an object or an array. */
bool payload_scalar(struct lgw_value *v, const json_t *j);

#endif
