/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DTLS or TLS server in memory, by OpenSSL: bytes in, bytes out. And certificates for it, made on
 * the spot.
 */
#ifndef SUPPORT_SSLPEER_H
#define SUPPORT_SSLPEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/ssl.h>
#include "crypto/cred.h"

struct ident {
	EVP_PKEY *key;
	X509 *cert;
	uint8_t *key_der, *cert_der;
	struct cred_bytes key_bytes, cert_bytes;
};
/* Signed by issuer (NULL: by itself, an authority). san: "DNS:name", or NULL. days: from now on;
 * negative: it has ended. */
void ident_make(
	struct ident *id, const char *cn, const char *san, const struct ident *issuer, int days);
void ident_fini(struct ident *id);

struct sslpeer_conf {
	bool stream, tickets;
	const struct ident *rpk;  /* of the client: raw public keys (OpenSSL 3.2) */
	const char *psk_identity; /* NULL: certificates */
	const uint8_t *psk;
	size_t psk_len;
	const char *suites; /* OpenSSL's names; NULL: all */
	const struct ident *own, *client_ca;
	size_t mtu; /* 0: 1400 */
};
/* What outlives connections: keys of tickets, cached sessions. */
struct sslpeer_ctx;
struct sslpeer_ctx *sslpeer_ctx_new(const struct sslpeer_conf *c);
void sslpeer_ctx_free(struct sslpeer_ctx *ctx);

struct sslpeer;
struct sslpeer *sslpeer_new(struct sslpeer_ctx *ctx);
void sslpeer_free(struct sslpeer *p);
SSL *sslpeer_ssl(struct sslpeer *p);
/* Take bytes of the client and work on them. */
void sslpeer_input(struct sslpeer *p, const void *bytes, size_t len);
/* The next datagram (or piece of the stream) for the client; NULL: none. A loan. */
const uint8_t *sslpeer_output(struct sslpeer *p, size_t *len);
void sslpeer_send(struct sslpeer *p, const void *bytes, size_t len);
/* The last message that came, as text. */
const char *sslpeer_got(const struct sslpeer *p);
bool sslpeer_done(const struct sslpeer *p);

#endif
