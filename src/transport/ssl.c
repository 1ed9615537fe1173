/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contexts: one for all connections that offer the same things, since a context costs more memory
 * and time than a connection. What differs between versions of OpenSSL is here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include "crypto/suite.h"
#include "transport/sslctx.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/wr.h"

struct profile {
	struct profile *next;
	SSL_CTX *ctx;
	enum cred_mode mode;
	bool stream, small;
	size_t nsuites;
	uint16_t suites[CRED_SUITES_MAX];
	struct cred_bytes trust;
};

/*
 * Since 3.2 the default security level counts an eight byte tag as weak, and LwM2M demands it:
 * these two suites are admitted, all else stays at that level.
 */
static int allow_ccm8(
	const SSL *ssl, const SSL_CTX *ctx, int op, int bits, int nid, void *other, void *ex)
{
	const struct ssl_shared *s = ex;
	const struct suite *ccm8[] = { suite_by_id(0xc0a8), suite_by_id(0xc0ae) };

	if (op == SSL_SECOP_CIPHER_SUPPORTED || op == SSL_SECOP_CIPHER_SHARED ||
		op == SSL_SECOP_CIPHER_CHECK)
		for (size_t k = 0; k < ARRAY_SIZE(ccm8); k++)
			if (SSL_CIPHER_get_protocol_id(other) == ccm8[k]->id)
				return 1;
	return s->security(ssl, ctx, op, bits, nid, other, ex);
}

/* --- suites -------------------------------------------------------------------------------- */

static bool wanted(const struct suite *s, const struct profile *p)
{
	if (!(s->auth & 1u << p->mode) || (s->tls13 && !p->stream))
		return false;
	if (!p->nsuites)
		return s->usual;
	for (size_t k = 0; k < p->nsuites; k++)
		if (p->suites[k] == s->id)
			return true;
	return false;
}

static void append(struct wr *w, const char *name)
{
	if (w->len)
		wr_u8(w, ':');
	wr_str(w, name);
}

/* Those that are asked for, in their order; otherwise the usual ones. */
static int set_suites(SSL_CTX *ctx, const struct profile *p)
{
	char old[1024], new[256];
	struct wr w12 = wr_of(old, sizeof(old) - 1), w13 = wr_of(new, sizeof(new) - 1);

	for (size_t k = 0; k < p->nsuites; k++) {
		const struct suite *s = suite_by_id(p->suites[k]);

		if (s && wanted(s, p))
			append(s->tls13 ? &w13 : &w12, s->openssl);
	}
	for (const struct suite *s = suites; !p->nsuites && s->name; s++)
		if (wanted(s, p))
			append(s->tls13 ? &w13 : &w12, s->openssl);
	old[w12.len] = new[w13.len] = '\0';
	if (!w12.len && !w13.len)
		return LGW_ENOTSUP;
	if (SSL_CTX_set_ciphersuites(ctx, new) != 1 ||
		(w12.len && SSL_CTX_set_cipher_list(ctx, old) != 1))
		return LGW_ENOTSUP;
	if (!w12.len)
		SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	if (!w13.len && p->stream)
		SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	return LGW_OK;
}

/* --- contexts ------------------------------------------------------------------------------ */

static int set_trust(SSL_CTX *ctx, const struct cred *c)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);

	if (SSL_CTX_dane_enable(ctx) != 1 || SSL_CTX_dane_mtype_set(ctx, EVP_sha384(), 3, 3) != 1)
		return LGW_EINTERNAL;
	if (!c->trust)
		return SSL_CTX_set_default_verify_paths(ctx) == 1 ? LGW_OK : LGW_EIO;
	for (int k = 0; k < sk_X509_num(c->trust); k++)
		X509_STORE_add_cert(store, sk_X509_value(c->trust, k));
	return LGW_OK;
}

static int set_up(struct ssl_shared *s, struct profile *p, const struct cred *c)
{
	SSL_CTX *ctx = p->ctx;
	int r = LGW_OK;

	SSL_CTX_set_min_proto_version(ctx, p->stream ? TLS1_2_VERSION : DTLS1_2_VERSION);
	s->security = SSL_CTX_get_security_callback(ctx);
	SSL_CTX_set_security_callback(ctx, allow_ccm8);
	SSL_CTX_set0_security_ex_data(ctx, s);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_QUERY_MTU);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_set_info_callback(ctx, sslconn_info);
	SSL_CTX_set_verify(ctx, p->mode == CRED_PSK ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	/* No post-quantum key shares: they do not fit where these links go. */
	if (SSL_CTX_set1_groups_list(ctx, "P-256:X25519:P-384:P-521") != 1)
		r = LGW_EINTERNAL;
	/* Each datagram of such a carrier costs: no tickets, one algorithm (P-256, as LwM2M wants).
	 */
	if (p->small) {
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set1_groups_list(ctx, "P-256");
		SSL_CTX_set1_sigalgs_list(ctx, "ECDSA+SHA256");
	}
	if (p->mode == CRED_PSK)
		SSL_CTX_set_psk_client_callback(ctx, sslconn_psk);
	else if (!r)
		r = set_trust(ctx, c);
	return r ? r : set_suites(ctx, p);
}

static bool profile_fits(const struct profile *p, const struct ssl_setup *setup)
{
	const struct cred_params *c = &setup->cred->p;

	return p->mode == c->mode && p->stream == setup->stream &&
	       p->small == (setup->mtu < SSL_SMALL_MTU) && p->nsuites == c->nsuites &&
	       !memcmp(p->suites, c->suites, p->nsuites * sizeof(p->suites[0])) &&
	       p->trust.len == c->trust.len &&
	       (!p->trust.len || !memcmp(p->trust.p, c->trust.p, p->trust.len));
}

static void profile_free(struct profile *p)
{
	SSL_CTX_free(p->ctx);
	free((void *)(uintptr_t)p->trust.p);
	free(p);
}

SSL_CTX *sslctx_get(struct ssl_shared *s, const struct ssl_setup *setup, char *text, size_t size)
{
	const struct cred_params *c = &setup->cred->p;
	struct profile *p = s->profiles;
	int r;

	while (p && !profile_fits(p, setup))
		p = p->next;
	if (p)
		return p->ctx;
	p = xcalloc(1, sizeof(*p));
	p->ctx = SSL_CTX_new(setup->stream ? TLS_client_method() : DTLS_client_method());
	p->mode = c->mode;
	p->stream = setup->stream;
	p->small = setup->mtu < SSL_SMALL_MTU;
	p->nsuites = c->nsuites;
	memcpy(p->suites, c->suites, sizeof(p->suites));
	p->trust = (struct cred_bytes){ c->trust.len ? xmemdup(c->trust.p, c->trust.len) : NULL,
		c->trust.len };
	r = p->ctx ? set_up(s, p, setup->cred) : LGW_EINTERNAL;
	ERR_clear_error();
	if (r) {
		snprintf(text, size, "%s",
			r == LGW_ENOTSUP ? "none of the ciphersuites can be used here"
					 : "no context of OpenSSL");
		profile_free(p);
		return NULL;
	}
	p->next = s->profiles;
	s->profiles = p;
	return p->ctx;
}

/* --- raw public keys ------------------------------------------------------------------------- */

#if OPENSSL_VERSION_NUMBER >= 0x30200000L
bool ssl_has_rpk(void)
{
	return true;
}

int sslctx_rpk_setup(SSL *ssl, const struct cred *cred)
{
	static const unsigned char rpk[] = { TLSEXT_cert_type_rpk };

	if (SSL_use_PrivateKey(ssl, cred->key) != 1 ||
		SSL_set1_client_cert_type(ssl, rpk, sizeof(rpk)) != 1 ||
		SSL_set1_server_cert_type(ssl, rpk, sizeof(rpk)) != 1 ||
		SSL_dane_enable(ssl, NULL) != 1 || SSL_add_expected_rpk(ssl, cred->server_key) != 1)
		return LGW_ENOTSUP;
	return LGW_OK;
}

bool sslctx_rpk_used(const SSL *ssl)
{
	/* By the session: not every server repeats the type of certificate when it resumes one. */
	return SSL_get0_peer_rpk(ssl) != NULL;
}
#else
bool ssl_has_rpk(void)
{
	return false;
}

int sslctx_rpk_setup(SSL *ssl, const struct cred *cred)
{
	return LGW_ENOTSUP;
}

bool sslctx_rpk_used(const SSL *ssl)
{
	return false;
}
#endif

/* --- life ---------------------------------------------------------------------------------- */

struct ssl_shared *ssl_shared_new(struct timers *timers, const struct ssl_params *p)
{
	struct ssl_shared *s = xcalloc(1, sizeof(*s));

	s->params = *p;
	turns_init(&s->turns, timers, p->handshakes_max);
	s->bio = sslconn_bio_new();
	return s;
}

void ssl_shared_free(struct ssl_shared *s)
{
	struct profile *p;

	if (!s)
		return;
	while ((p = s->profiles)) {
		s->profiles = p->next;
		profile_free(p);
	}
	turns_fini(&s->turns);
	BIO_meth_free(s->bio);
	free(s);
}

void ssl_shared_store(struct ssl_shared *s, const struct ssl_store_ops *ops, void *ud)
{
	s->store = ops;
	s->store_ud = ud;
}

struct ssl_counters *ssl_counters(struct ssl_shared *s)
{
	return &s->count;
}

const struct ssl_params *ssl_params(const struct ssl_shared *s)
{
	return &s->params;
}

struct turns *ssl_turns(struct ssl_shared *s)
{
	return &s->turns;
}

struct timers *ssl_timers(const struct ssl_shared *s)
{
	return s->turns.timers;
}
