/* SPDX-License-Identifier: BSD-3-Clause */
#include "sslpeer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include "util/mem.h"

struct piece {
	STAILQ_ENTRY(piece) next;
	size_t len;
	uint8_t bytes[];
};

struct sslpeer_ctx {
	struct sslpeer_conf conf;
	SSL_CTX *ctx;
	BIO_METHOD *bio;
};

struct sslpeer {
	struct sslpeer_ctx *ctx;
	SSL *ssl;
	const uint8_t *in;
	size_t in_len;
	STAILQ_HEAD(, piece) out;
	struct piece *taken;
	char got[2048];
};

static void must(bool ok)
{
	if (ok)
		return;
	ERR_print_errors_fp(stderr);
	abort();
}

/* --- certificates -------------------------------------------------------------------------- */

static void add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(e && X509_add_ext(x, e, -1));
	X509_EXTENSION_free(e);
}

void ident_make(
	struct ident *id, const char *cn, const char *san, const struct ident *issuer, int days)
{
	static long serial = 1;
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	int n;

	*id = (struct ident){ .key = EVP_EC_gen("P-256"), .cert = x };
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_gmtime_adj(X509_getm_notBefore(x), days < 0 ? -86400L * 10 : -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400L * days);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)cn, -1, -1, 0);
	X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer->cert) : name);
	X509_set_pubkey(x, id->key);
	if (!issuer)
		add_ext(x, x, NID_basic_constraints, "critical,CA:TRUE");
	if (san)
		add_ext(x, x, NID_subject_alt_name, san);
	must(X509_sign(x, issuer ? issuer->key : id->key, EVP_sha256()) > 0);
	n = i2d_X509(x, &id->cert_der);
	id->cert_bytes = (struct cred_bytes){ id->cert_der, (size_t)n };
	n = i2d_PrivateKey(id->key, &id->key_der);
	id->key_bytes = (struct cred_bytes){ id->key_der, (size_t)n };
}

void ident_fini(struct ident *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->cert);
	OPENSSL_free(id->key_der);
	OPENSSL_free(id->cert_der);
}

/* --- the BIO ------------------------------------------------------------------------------- */

static int bio_write(BIO *b, const char *p, int len)
{
	struct sslpeer *peer = BIO_get_data(b);
	struct piece *d = xmalloc(sizeof(*d) + (size_t)len);

	d->len = (size_t)len;
	memcpy(d->bytes, p, d->len);
	STAILQ_INSERT_TAIL(&peer->out, d, next);
	return len;
}

static int bio_read(BIO *b, char *p, int cap)
{
	struct sslpeer *peer = BIO_get_data(b);
	size_t n = peer->in_len < (size_t)cap ? peer->in_len : (size_t)cap;

	BIO_clear_retry_flags(b);
	if (!n) {
		BIO_set_retry_read(b);
		return -1;
	}
	memcpy(p, peer->in, n);
	peer->in += n;
	peer->in_len = peer->ctx->conf.stream ? peer->in_len - n : 0;
	return (int)n;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	const struct sslpeer *peer = BIO_get_data(b);
	size_t mtu = peer->ctx->conf.mtu;

	if (cmd == BIO_CTRL_DGRAM_GET_MTU_OVERHEAD)
		return mtu && mtu < 256 ? 256 - (long)mtu : 0;
	return cmd == BIO_CTRL_FLUSH;
}

static int bio_create(BIO *b)
{
	BIO_set_init(b, 1);
	return 1;
}

/* --- contexts ------------------------------------------------------------------------------ */

static unsigned psk_server(SSL *ssl, const char *identity, unsigned char *psk, unsigned max)
{
	const struct sslpeer *p = SSL_get_app_data(ssl);
	const struct sslpeer_conf *c = &p->ctx->conf;

	if (strcmp(identity, c->psk_identity) || c->psk_len > max)
		return 0;
	memcpy(psk, c->psk, c->psk_len);
	return (unsigned)c->psk_len;
}

#if OPENSSL_VERSION_NUMBER >= 0x30200000L
static void use_rpk(SSL_CTX *ctx)
{
	static const unsigned char rpk[] = { TLSEXT_cert_type_rpk };

	must(SSL_CTX_set1_server_cert_type(ctx, rpk, sizeof(rpk)) == 1);
	must(SSL_CTX_set1_client_cert_type(ctx, rpk, sizeof(rpk)) == 1);
	must(SSL_CTX_dane_enable(ctx) == 1);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

static void expect_rpk(SSL *ssl, const struct ident *client)
{
	must(SSL_dane_enable(ssl, NULL) == 1 && SSL_add_expected_rpk(ssl, client->key) == 1);
}
#else
static void use_rpk(SSL_CTX *ctx)
{
	abort(); /* no test comes here */
}

static void expect_rpk(SSL *ssl, const struct ident *client)
{
	abort();
}
#endif

struct sslpeer_ctx *sslpeer_ctx_new(const struct sslpeer_conf *c)
{
	struct sslpeer_ctx *x = xcalloc(1, sizeof(*x));
	const char *suites = c->suites ? c->suites : "ALL:@SECLEVEL=0";

	x->conf = *c;
	x->ctx = SSL_CTX_new(c->stream ? TLS_server_method() : DTLS_server_method());
	must(SSL_CTX_set_cipher_list(x->ctx, suites) == 1);
	SSL_CTX_set_security_level(x->ctx, 0);
	SSL_CTX_set_session_id_context(x->ctx, (const uint8_t *)"test", 4);
	SSL_CTX_set_options(x->ctx, SSL_OP_NO_QUERY_MTU | (c->tickets ? 0 : SSL_OP_NO_TICKET));
	if (c->psk_identity) {
		SSL_CTX_set_psk_server_callback(x->ctx, psk_server);
	} else {
		must(SSL_CTX_use_certificate(x->ctx, c->own->cert) == 1);
		must(SSL_CTX_use_PrivateKey(x->ctx, c->own->key) == 1);
	}
	if (c->client_ca) {
		X509_STORE_add_cert(SSL_CTX_get_cert_store(x->ctx), c->client_ca->cert);
		SSL_CTX_set_verify(x->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	if (c->rpk)
		use_rpk(x->ctx);
	x->bio = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "memory");
	BIO_meth_set_write(x->bio, bio_write);
	BIO_meth_set_read(x->bio, bio_read);
	BIO_meth_set_ctrl(x->bio, bio_ctrl);
	BIO_meth_set_create(x->bio, bio_create);
	return x;
}

void sslpeer_ctx_free(struct sslpeer_ctx *x)
{
	SSL_CTX_free(x->ctx);
	BIO_meth_free(x->bio);
	free(x);
}

/* --- a connection -------------------------------------------------------------------------- */

struct sslpeer *sslpeer_new(struct sslpeer_ctx *x)
{
	struct sslpeer *p = xcalloc(1, sizeof(*p));
	BIO *b = BIO_new(x->bio);

	p->ctx = x;
	STAILQ_INIT(&p->out);
	p->ssl = SSL_new(x->ctx);
	SSL_set_app_data(p->ssl, p);
	BIO_set_data(b, p);
	SSL_set_bio(p->ssl, b, b);
	SSL_set_accept_state(p->ssl);
	if (x->conf.rpk)
		expect_rpk(p->ssl, x->conf.rpk);
	if (!x->conf.stream)
		DTLS_set_link_mtu(p->ssl, x->conf.mtu < 256 && x->conf.mtu ? 256 : 1400);
	return p;
}

void sslpeer_free(struct sslpeer *p)
{
	size_t len;

	if (!p)
		return;
	while (sslpeer_output(p, &len))
		;
	free(p->taken);
	/* So that its session stays in the cache. */
	SSL_set_shutdown(p->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(p->ssl);
	free(p);
}

SSL *sslpeer_ssl(struct sslpeer *p)
{
	return p->ssl;
}

static void work(struct sslpeer *p)
{
	size_t n;

	ERR_clear_error();
	while (SSL_read_ex(p->ssl, p->got, sizeof(p->got) - 1, &n) == 1)
		p->got[n] = '\0';
	ERR_clear_error();
}

void sslpeer_input(struct sslpeer *p, const void *bytes, size_t len)
{
	p->in = bytes;
	p->in_len = len;
	work(p);
	p->in_len = 0;
}

const uint8_t *sslpeer_output(struct sslpeer *p, size_t *len)
{
	struct piece *d = STAILQ_FIRST(&p->out);

	if (!d)
		return NULL;
	STAILQ_REMOVE_HEAD(&p->out, next);
	free(p->taken);
	p->taken = d;
	*len = d->len;
	return d->bytes;
}

void sslpeer_send(struct sslpeer *p, const void *bytes, size_t len)
{
	size_t n;

	must(SSL_write_ex(p->ssl, bytes, len, &n) == 1);
}

const char *sslpeer_got(const struct sslpeer *p)
{
	return p->got;
}

bool sslpeer_done(const struct sslpeer *p)
{
	return SSL_is_init_finished(p->ssl);
}
