/* SPDX-License-Identifier: BSD-3-Clause */
/* Socket addresses and server URIs. */
#ifndef TRANSPORT_ADDR_H
#define TRANSPORT_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} u;
	socklen_t len;
};

#define ADDR_TEXT_MAX 64
/* "192.0.2.1:5683", "[2001:db8::1]:5683"; returns buf. */
const char *addr_text(char *buf, const struct addr *a);
bool addr_eq(const struct addr *a, const struct addr *b);

/* A server URI, split and checked (LwM2M: no path, no query). */
struct uri {
	char scheme[12]; /* lower case: coap, coaps, coap+tcp, coaps+tcp, sms … */
	char host[256];  /* name or literal, without brackets */
	uint16_t port;   /* as written, or 0: the default of the scheme */
};
/* "coap://[::1]:5683"; a trailing "/" is tolerated. "sms:+33 1", "sms://+331" and "tel:+33-1" all
 * are scheme sms, host +331. LGW_EINVAL. */
int uri_parse(struct uri *u, const char *s, size_t len);
/* A subscriber's number: digits, a plus in front for an international one; separators are left out.
 * LGW_EINVAL. */
int uri_number(char *out, size_t cap, const char *s, size_t len);

#endif
