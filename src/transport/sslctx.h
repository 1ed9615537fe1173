/* SPDX-License-Identifier: BSD-3-Clause */
/* Between ssl.c, which makes contexts, and sslconn.c, which makes connections of them. */
#ifndef TRANSPORT_SSLCTX_H
#define TRANSPORT_SSLCTX_H

#include <openssl/ssl.h>
#include "transport/ssl.h"
#include "transport/turn.h"

/* Carriers below this many bytes a datagram count every one. */
#define SSL_SMALL_MTU 512

struct ssl_shared {
	struct turns turns;
	struct ssl_params params;
	struct ssl_counters count;
	const struct ssl_store_ops *store;
	void *store_ud;
	BIO_METHOD *bio;
	struct profile *profiles;
	/* What OpenSSL would say of a suite. */
	int (*security)(const SSL *, const SSL_CTX *, int, int, int, void *, void *);
};

/* The context that all connections of this kind share; a loan until ssl_shared_free. NULL with the
 * reason. */
SSL_CTX *sslctx_get(struct ssl_shared *s, const struct ssl_setup *setup, char *text, size_t size);
/* Raw public keys of both sides (OpenSSL 3.2). LGW_ENOTSUP. */
int sslctx_rpk_setup(SSL *ssl, const struct cred *cred);
/* Was it really one that the server showed? */
bool sslctx_rpk_used(const SSL *ssl);
/* The engine's own BIO. */
BIO_METHOD *sslconn_bio_new(void);
/* Client callback of the PSK suites. */
unsigned sslconn_psk(SSL *ssl, const char *hint, char *identity, unsigned max_identity,
	unsigned char *psk, unsigned max_psk);
void sslconn_info(const SSL *ssl, int where, int ret);

#endif
