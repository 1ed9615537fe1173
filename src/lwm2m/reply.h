/* SPDX-License-Identifier: BSD-3-Clause */
/* Results to CoAP codes (LwM2M 1.0 chapter 8, tables of codes): the only place. */
#ifndef LWM2M_REPLY_H
#define LWM2M_REPLY_H

#include <stdint.h>
#include "coap/msg.h"
#include "session/session.h"

/* The code of an error (enum lgw_status below 0). */
uint8_t reply_code(int status);
/* Answer without payload: ok when status is LGW_OK, else the error's code. */
void reply_status(struct exchange *x, int status, uint8_t ok);
/* An error with a diagnostic payload (RFC 7252 §5.5.2); empty: without. */
void reply_error(struct exchange *x, int status, const char *text);

#endif
