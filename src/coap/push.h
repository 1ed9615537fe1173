/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A CoAP message in the form of a WAP push over SMS (LwM2M 1.0, example of a trigger message;
 * WAP-230-WSP §8.2.4.1): transaction id, PDU type 06, length of headers, content type and headers
 * with the application id of LwM2M, then the message. The port numbers of WDP stand before it and
 * are no part of what a modem hands over.
 */
#ifndef COAP_PUSH_H
#define COAP_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is it one, for LwM2M? The message inside is a part of p. */
bool coap_push_decode(const uint8_t *p, size_t len, const uint8_t **msg, size_t *msg_len);

#endif
