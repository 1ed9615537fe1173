/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What DTLS and TLS have in common: a link over the link of the same scheme without the "s".
 * Handshakes wait for their turn, are repeated and given up, sessions are resumed, idle connections
 * parked. dtls.c and tls.c are its two tables.
 */
#ifndef TRANSPORT_SSLLINK_H
#define TRANSPORT_SSLLINK_H

#include "transport/link.h"

/* "coaps" lies over "coap", "coaps+tcp" over "coap+tcp"; NULL: there is no such carrier. */
const struct link_ops *ssllink_carrier(const struct link_ops *const *ops, const char *scheme);
/* NULL: no credentials, no OpenSSL in env, or no such carrier. */
struct link *ssllink_make(struct link_env *env, const struct uri *uri, const struct cred *cred,
	const struct link_handler *h, void *ud);
/* The same over a carrier that is said, as the link of ops. */
struct link *ssllink_over(struct link_env *env, const struct link_ops *ops,
	const struct link_ops *carrier, const struct uri *uri, const struct cred *cred,
	const struct link_handler *h, void *ud);
int ssllink_open(struct link *l);
int ssllink_send(struct link *l, const void *p, size_t len);
void ssllink_close(struct link *l);
void ssllink_free(struct link *l);
void ssllink_rest(struct link *l); /* datagrams only: parks at once what can be resumed */
const char *ssllink_peer(const struct link *l);
struct link *ssllink_below(const struct link *l);

/* For tests and the curious: "TLS_PSK_WITH_AES_128_CCM_8", or "" while there is no connection. */
const char *ssllink_suite(const struct link *l);
bool ssllink_is_parked(const struct link *l);

#endif
