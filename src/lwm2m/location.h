/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a registration lives: the Location-Path and -Query options of the 2.01, kept byte for byte
 * (option number, length, value, each) because a segment may hold any byte. */
#ifndef LWM2M_LOCATION_H
#define LWM2M_LOCATION_H

#include <stddef.h>
#include <stdint.h>
#include "coap/msg.h"

/* Out of the answer: heap memory in *out. LGW_EINVAL: none there; LGW_ETOOBIG. */
int location_take(const struct coap_msg *resp, uint8_t **out, uint16_t *len);
/* As Uri-Path and Uri-Query of a request; the bytes are borrowed. */
int location_put(struct coap_msg *req, const uint8_t *p, size_t len);
/* "/rd/abc?x=y", control characters replaced; returns buf. */
const char *location_text(const uint8_t *p, size_t len, char *buf, size_t cap);

#endif
