/* SPDX-License-Identifier: BSD-3-Clause */
/* Large values in blocks, handed to the model part by part (a firmware image: LwM2M 1.0 E.6). */
#ifndef LWM2M_PUSH_H
#define LWM2M_PUSH_H

#include "lwm2m/state.h"

/* The first block of a body: is it the value of a resource that is taken in parts? Then sink is
 * filled in. Formats: opaque, TLV, CBOR. */
bool push_begin(struct server *s, const struct coap_msg *first, struct body_sink *sink);

/*
 * What stands before the bytes of one opaque value of resource rid: how many bytes that is, and
 * how many the value has (UINT64_MAX: all that follow). LGW_EINVAL: something else stands there;
 * LGW_EFORMAT: a format that wants the whole body.
 */
int push_header(
	int format, uint16_t rid, const uint8_t *p, size_t len, size_t *skip, uint64_t *value);

#endif
