/* SPDX-License-Identifier: BSD-3-Clause */
/* One connection: an SSL over a BIO of our own, which holds the bytes that just came. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include "transport/sslctx.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

/* What DTLS_set_link_mtu takes at least; below it the BIO tells of an overhead that is none. */
#define LINK_MTU_MIN 256
#define CLOCKS_MS    200 /* by which the loop's clock may be behind */

struct ssl_conn {
	struct ssl_shared *shared;
	struct ssl_setup setup;
	SSL *ssl;
	const uint8_t *in; /* loan */
	size_t in_len;
	int alert; /* of the peer, or -1 */
	uint32_t pause_ms;
	char reason[160];
};

/* --- the BIO ------------------------------------------------------------------------------- */

static int bio_write(BIO *b, const char *p, int len)
{
	struct ssl_conn *c = BIO_get_data(b);
	int r = c->setup.write(c->setup.ud, p, (size_t)len);

	BIO_clear_retry_flags(b);
	/* A datagram that does not get through is lost like any other: it is sent again. */
	return r && c->setup.stream ? -1 : len;
}

static int bio_read(BIO *b, char *p, int cap)
{
	struct ssl_conn *c = BIO_get_data(b);
	size_t n = c->in_len < (size_t)cap ? c->in_len : (size_t)cap;

	BIO_clear_retry_flags(b);
	if (!c->in_len) {
		BIO_set_retry_read(b);
		return -1;
	}
	memcpy(p, c->in, n);
	c->in += n;
	c->in_len = c->setup.stream ? c->in_len - n : 0;
	return (int)n;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	const struct ssl_conn *c = BIO_get_data(b);

	switch (cmd) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
		return c->setup.mtu < LINK_MTU_MIN ? LINK_MTU_MIN - (long)c->setup.mtu : 0;
	default:
		return 0;
	}
}

static int bio_create(BIO *b)
{
	BIO_set_init(b, 1);
	return 1;
}

BIO_METHOD *sslconn_bio_new(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "link");

	if (!m || !BIO_meth_set_write(m, bio_write) || !BIO_meth_set_read(m, bio_read) ||
		!BIO_meth_set_ctrl(m, bio_ctrl) || !BIO_meth_set_create(m, bio_create))
		abort(); /* no memory */
	return m;
}

/* --- callbacks of OpenSSL -------------------------------------------------------------------- */

unsigned sslconn_psk(SSL *ssl, const char *hint, char *identity, unsigned max_identity,
	unsigned char *psk, unsigned max_psk)
{
	const struct ssl_conn *c = SSL_get_app_data(ssl);
	const struct cred_params *p = &c->setup.cred->p;

	if (p->identity.len >= max_identity || p->secret.len > max_psk)
		return 0;
	memcpy(identity, p->identity.p, p->identity.len);
	identity[p->identity.len] = '\0';
	memcpy(psk, p->secret.p, p->secret.len);
	return (unsigned)p->secret.len;
}

void sslconn_info(const SSL *ssl, int where, int ret)
{
	struct ssl_conn *c = SSL_get_app_data(ssl);

	if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT || !c)
		return;
	c->alert = ret & 0xff;
	c->shared->count.alerts++;
}

/*
 * OpenSSL sends a flight again only when by the system's clock its own timer has run out: it must
 * have when the owner's timer fires, whatever the two clocks differ by.
 */
static unsigned timer_us(SSL *ssl, unsigned us)
{
	const struct ssl_conn *c = SSL_get_app_data(ssl);
	uint32_t margin = c->pause_ms > 4 * CLOCKS_MS ? CLOCKS_MS : c->pause_ms / 4;

	return (c->pause_ms - margin) * 1000;
}

void ssl_conn_set_pause(struct ssl_conn *c, uint32_t ms)
{
	c->pause_ms = ms;
}

/* --- making -------------------------------------------------------------------------------- */

static int complain(char *text, size_t size, const char *what)
{
	snprintf(text, size, "%s", what);
	return LGW_ENOTSUP;
}

/* The one whom the certificate must name; SNI only for names (RFC 6066 §3). The zone of an address
 * is ours. */
static int set_name(SSL *ssl, const char *host, bool pinned)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	char name[256];
	bool ip;

	str_copy(name, sizeof(name), host);
	name[strcspn(name, "%")] = '\0';
	ip = X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;

	ERR_clear_error();
	if (!ip && SSL_set_tlsext_host_name(ssl, name) != 1)
		return LGW_ENOTSUP;
	if (pinned)
		return SSL_dane_enable(ssl, ip ? NULL : name) == 1 ? LGW_OK : LGW_ENOTSUP;
	if (ip)
		return LGW_OK;
	return SSL_set1_host(ssl, name) == 1 ? LGW_OK : LGW_ENOTSUP;
}

/* LwM2M's certificate usage and matching type are DANE's (RFC 6698 §2.1), SHA-384 apart. */
static int set_pin(SSL *ssl, const struct cred_params *p)
{
	static const uint8_t types[] = { [CRED_MATCH_EXACT] = 0,
		[CRED_MATCH_SHA256] = 1,
		[CRED_MATCH_SHA384] = 3,
		[CRED_MATCH_SHA512] = 2 };

	/* The server's own certificate, pinned: neither its name nor its dates matter (RFC 7671
	 * §5.1). */
	if (p->usage == CRED_USAGE_DOMAIN)
		SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	return SSL_dane_tlsa_add(ssl, (uint8_t)p->usage, 0, types[p->matching], p->server.p,
		       p->server.len) == 1
		       ? LGW_OK
		       : LGW_ENOTSUP;
}

static int set_x509(SSL *ssl, const struct ssl_setup *setup, char *text, size_t size)
{
	const struct cred *c = setup->cred;
	int n = sk_X509_num(c->chain);

	if (SSL_use_certificate(ssl, sk_X509_value(c->chain, 0)) != 1 ||
		SSL_use_PrivateKey(ssl, c->key) != 1)
		return complain(text, size, "OpenSSL does not take certificate and private key");
	for (int k = 1; k < n; k++)
		if (SSL_add1_chain_cert(ssl, sk_X509_value(c->chain, k)) != 1)
			return complain(text, size, "OpenSSL does not take the certificate chain");
	if (set_name(ssl, c->p.sni ? c->p.sni : setup->host, c->p.server.len > 0))
		return complain(text, size, "the server's name cannot be used");
	if (c->p.server.len && set_pin(ssl, &c->p))
		return complain(text, size, "OpenSSL does not take the server certificate");
	return LGW_OK;
}

static int set_credentials(SSL *ssl, const struct ssl_setup *setup, char *text, size_t size)
{
	const char *sni = setup->cred->p.sni;

	if (sni && SSL_set_tlsext_host_name(ssl, sni) != 1)
		return complain(text, size, "the server name (SNI) cannot be used");
	switch (setup->cred->p.mode) {
	case CRED_PSK:
		return LGW_OK;
	case CRED_RPK:
		return sslctx_rpk_setup(ssl, setup->cred)
			       ? complain(text, size, "raw public keys need OpenSSL 3.2 or newer")
			       : LGW_OK;
	case CRED_X509:
		return set_x509(ssl, setup, text, size);
	}
	return LGW_EINTERNAL;
}

static void set_mtu(const struct ssl_conn *c)
{
	if (c->setup.stream)
		return;
	DTLS_set_timer_cb(c->ssl, timer_us);
	DTLS_set_link_mtu(
		c->ssl, (long)(c->setup.mtu < LINK_MTU_MIN ? LINK_MTU_MIN : c->setup.mtu));
}

int ssl_conn_new(struct ssl_shared *s, const struct ssl_setup *setup, struct ssl_conn **out,
	char *text, size_t size)
{
	SSL_CTX *ctx = sslctx_get(s, setup, text, size);
	struct ssl_conn *c;
	BIO *bio;
	int r;

	*out = NULL;
	if (!ctx)
		return LGW_ENOTSUP;
	c = xcalloc(1, sizeof(*c));
	c->shared = s;
	c->setup = *setup;
	c->alert = -1;
	c->ssl = SSL_new(ctx);
	bio = BIO_new(s->bio);
	if (!c->ssl || !bio)
		abort(); /* no memory */
	SSL_set_app_data(c->ssl, c);
	BIO_set_data(bio, c);
	SSL_set_bio(c->ssl, bio, bio);
	SSL_set_connect_state(c->ssl);
	set_mtu(c);
	r = set_credentials(c->ssl, setup, text, size);
	ERR_clear_error();
	if (r)
		ssl_conn_free(c);
	else
		*out = c;
	return r;
}

void ssl_conn_free(struct ssl_conn *c)
{
	if (!c)
		return;
	SSL_set_quiet_shutdown(c->ssl, 1);
	SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(c->ssl);
	free(c);
}

/* --- sessions ------------------------------------------------------------------------------ */

/* As DER: OpenSSL's own object keeps certificates as trees, ten times as large. */
struct ssl_session {
	size_t len;
	uint8_t bytes[];
};

static struct ssl_session *session_new(const uint8_t *p, size_t len)
{
	struct ssl_session *s = xmalloc(sizeof(*s) + len);

	s->len = len;
	if (p)
		memcpy(s->bytes, p, len);
	return s;
}

void ssl_conn_resume(struct ssl_conn *c, const struct ssl_session *session)
{
	const uint8_t *p = session->bytes;
	SSL_SESSION *s = d2i_SSL_SESSION(NULL, &p, (long)session->len);

	if (s)
		SSL_set_session(c->ssl, s);
	SSL_SESSION_free(s);
	ERR_clear_error();
}

struct ssl_session *ssl_conn_session(const struct ssl_conn *c)
{
	SSL_SESSION *s = SSL_get1_session(c->ssl);
	int n = s && SSL_SESSION_is_resumable(s) ? i2d_SSL_SESSION(s, NULL) : 0;
	struct ssl_session *out = NULL;
	uint8_t *p;

	if (n > 0 && n <= SSL_SESSION_BYTES_MAX) {
		out = session_new(NULL, (size_t)n);
		p = out->bytes;
		i2d_SSL_SESSION(s, &p);
	}
	SSL_SESSION_free(s);
	return out;
}

void ssl_session_free(struct ssl_session *s)
{
	if (s)
		mem_wipe(s->bytes, s->len);
	free(s);
}

struct ssl_session *ssl_session_load(struct ssl_shared *s, const uint8_t key[32])
{
	uint8_t buf[SSL_SESSION_BYTES_MAX];
	struct ssl_session *ss = NULL;
	size_t n;

	if (!s->store)
		return NULL;
	n = s->store->load(s->store_ud, key, buf, sizeof(buf));
	if (n && n <= sizeof(buf))
		ss = session_new(buf, n);
	mem_wipe(buf, sizeof(buf));
	return ss;
}

void ssl_session_save(struct ssl_shared *s, const uint8_t key[32], const struct ssl_session *ss)
{
	if (s->store)
		s->store->save(s->store_ud, key, ss ? ss->bytes : NULL, ss ? ss->len : 0);
}

/* --- at work ------------------------------------------------------------------------------- */

static void say(struct ssl_conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct ssl_conn *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->reason, sizeof(c->reason), fmt, ap);
	va_end(ap);
}

static void explain(struct ssl_conn *c)
{
	long v = SSL_get_verify_result(c->ssl);
	unsigned long e = ERR_peek_last_error();
	const char *text = ERR_reason_error_string(e);

	if (c->alert >= 0)
		say(c, "the server refuses: alert %d (%s)", c->alert,
			SSL_alert_desc_string_long(c->alert));
	else if (v != X509_V_OK && c->setup.cred->p.mode != CRED_PSK)
		say(c, "the server is not the one expected: %s", X509_verify_cert_error_string(v));
	else
		say(c, "%s", text ? text : "the connection broke off");
}

/* A call of OpenSSL ended with r. */
static int outcome(struct ssl_conn *c, int r)
{
	switch (SSL_get_error(c->ssl, r)) {
	case SSL_ERROR_NONE:
		return LGW_OK;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return LGW_PENDING;
	case SSL_ERROR_ZERO_RETURN:
		say(c, "the server closed the connection");
		return LGW_ERESET;
	default:
		explain(c);
		return LGW_EREFUSED;
	}
}

void ssl_conn_input(struct ssl_conn *c, const uint8_t *p, size_t len)
{
	c->in = p;
	c->in_len = len;
}

int ssl_conn_handshake(struct ssl_conn *c)
{
	int r;

	ERR_clear_error();
	r = outcome(c, SSL_do_handshake(c->ssl));
	if (!r && c->setup.cred->p.mode == CRED_RPK && !sslctx_rpk_used(c->ssl)) {
		say(c, "the server shows a certificate instead of its raw public key");
		r = LGW_EREFUSED;
	}
	ERR_clear_error();
	return r;
}

int ssl_conn_repeat(struct ssl_conn *c)
{
	int r;

	ERR_clear_error();
	r = DTLSv1_handle_timeout(c->ssl) < 0 ? LGW_EIO : LGW_OK;
	if (r)
		explain(c);
	ERR_clear_error();
	return r ? r : ssl_conn_handshake(c);
}

int ssl_conn_read(struct ssl_conn *c, void *buf, size_t cap)
{
	size_t n = 0;
	int r;

	ERR_clear_error();
	r = SSL_read_ex(c->ssl, buf, cap, &n);
	if (r == 1)
		return (int)n;
	r = outcome(c, r);
	ERR_clear_error();
	return r == LGW_PENDING ? 0 : LGW_ERESET;
}

int ssl_conn_write(struct ssl_conn *c, const void *p, size_t len)
{
	size_t n;
	int r;

	ERR_clear_error();
	r = SSL_write_ex(c->ssl, p, len, &n) == 1 ? LGW_OK : LGW_EIO;
	ERR_clear_error();
	return r;
}

void ssl_conn_bye(struct ssl_conn *c)
{
	ERR_clear_error();
	SSL_shutdown(c->ssl);
	ERR_clear_error();
}

int ssl_conn_alert(struct ssl_conn *c)
{
	int alert = c->alert;

	c->alert = -1;
	return alert;
}

bool ssl_conn_resumed(const struct ssl_conn *c)
{
	return SSL_session_reused(c->ssl) == 1;
}

size_t ssl_conn_data_mtu(const struct ssl_conn *c)
{
	return DTLS_get_data_mtu(c->ssl);
}

const char *ssl_conn_suite(const struct ssl_conn *c)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(c->ssl);

	return cipher ? SSL_CIPHER_standard_name(cipher) : "";
}

const char *ssl_conn_reason(const struct ssl_conn *c)
{
	return c->reason;
}
