/* SPDX-License-Identifier: BSD-3-Clause */
/* What a path holds, in a content format: the payload of Read, Observe and Notify. */
#ifndef LWM2M_REPRESENT_H
#define LWM2M_REPRESENT_H

#include "lwm2m/state.h"

struct representation {
	int format;       /* Content-Format of the bytes */
	const uint8_t *p; /* in the scratch buffer of the process, until the next one is made */
	size_t len;
	size_t at, total;    /* which part of the whole they are; a small whole is all there */
	uint32_t generation; /* of a part */
	bool numeric;        /* the path is one number, which is: */
	double number;
};

/*
 * What s reads of p. accept: the format asked for, or CF_NONE: what its parameters say, by version
 * text/plain for one value, octet-stream if it is opaque, for all else TLV (LwM2M 1.0 §6.4) or
 * SenML CBOR (1.1 §7.4). offset: of the block that is due. Errors as dm_read;
 * LGW_EACCEPT; LGW_ETOOBIG, over CONTENT_MAX.
 */
int represent(struct server *s, const struct path *p, int accept, size_t offset,
	struct representation *out);
/* The end of it, where the encoder is done with w, a shared_window: of what lies below p. */
int represent_taken(
	struct client *c, const struct path *p, struct wr *w, struct representation *out);
/* Its Content-Format and payload into an answer or notification that has neither. */
void represent_put(const struct representation *rep, struct coap_msg *m);
/* A number in v? */
bool represent_number(const struct value *v, double *out);

#endif
