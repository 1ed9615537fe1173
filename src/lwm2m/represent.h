/* SPDX-License-Identifier: BSD-3-Clause */
/* What a path holds, in a content format: the payload of Read, Observe and Notify. */
#ifndef LWM2M_REPRESENT_H
#define LWM2M_REPRESENT_H

#include "lwm2m/state.h"

struct representation {
	int format;       /* Content-Format of the bytes */
	const uint8_t *p; /* in the scratch buffer of the process, until the next one is made */
	size_t len;
	bool numeric; /* the path is one number, which is: */
	double number;
};

/*
 * accept: the format asked for, or CF_NONE: text/plain for one value, octet-stream if it is opaque,
 * TLV for all else (LwM2M 1.0 §6.4). Errors as dm_read; LGW_EACCEPT.
 */
int represent(struct client *c, uint16_t ssid, const struct path *p, int accept,
	struct representation *out);
/* A number in v? */
bool represent_number(const struct value *v, double *out);

#endif
