/* SPDX-License-Identifier: BSD-3-Clause */
/* Certificates by LwM2M's usages and matching types, and TLS, over scripted carriers. */
#include "securestage.h"
#include <openssl/evp.h>

#define CCM8 "TLS_PSK_WITH_AES_128_CCM_8"

static struct ssl_counters *count(struct stage *st)
{
	return ssl_counters(st->sc.links.ssl);
}

/* --- certificates -------------------------------------------------------------------------- */

static struct cred_bytes digest(const struct ident *id, const EVP_MD *md, uint8_t *out)
{
	unsigned n = 0;

	X509_digest(id->cert, md, out, &n);
	return (struct cred_bytes){ out, n };
}

static void expect_x509_at(struct stage *st, const char *uri)
{
	make_link(st, uri);
	open_link(st);
	expect_up(st, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8");
	say(st, "register");
	hear(st, "read");
	link_free(st->link);
	st->link = NULL;
}

static void expect_x509(struct stage *st)
{
	expect_x509_at(st, "coaps://server");
}

static void expect_refusal(struct stage *st)
{
	make_link(st, "coaps://server");
	open_link(st);
	carry(st);
	assert_int_equal(st->ups, 0);
	assert_int_equal(st->downs, 1);
	assert_int_equal(st->down_err, LGW_EREFUSED);
	link_free(st->link);
	st->link = NULL;
}

/* OMA 1.1-int-402 */
static void x509_usages(void **state)
{
	struct stage *st = *state;
	struct cred_bytes none = { NULL, 0 };

	use_x509(st, CRED_USAGE_DOMAIN, CRED_MATCH_EXACT, st->server.cert_bytes);
	expect_x509(st);
	use_x509(st, CRED_USAGE_ANCHOR, CRED_MATCH_EXACT, st->ca.cert_bytes);
	expect_x509(st);
	use_x509(st, CRED_USAGE_SERVICE, CRED_MATCH_EXACT, st->server.cert_bytes);
	expect_x509(st);
	use_x509(st, CRED_USAGE_CA, CRED_MATCH_EXACT, st->ca.cert_bytes);
	expect_x509(st);
	use_x509(st, CRED_USAGE_DOMAIN, CRED_MATCH_EXACT, none); /* any that the authority signed */
	expect_x509(st);
}

static void x509_matching_types(void **state)
{
	struct stage *st = *state;
	uint8_t d[64];

	use_x509(st, CRED_USAGE_DOMAIN, CRED_MATCH_SHA256, digest(&st->server, EVP_sha256(), d));
	expect_x509(st);
	use_x509(st, CRED_USAGE_DOMAIN, CRED_MATCH_SHA384, digest(&st->server, EVP_sha384(), d));
	expect_x509(st);
	use_x509(st, CRED_USAGE_DOMAIN, CRED_MATCH_SHA512, digest(&st->server, EVP_sha512(), d));
	expect_x509(st);
	d[0] ^= 1;
	use_x509(st, CRED_USAGE_DOMAIN, CRED_MATCH_SHA512, (struct cred_bytes){ d, 64 });
	expect_refusal(st);
}

static void other_server(struct stage *st, const char *san, const struct ident *issuer, int days)
{
	ident_fini(&st->server);
	ident_make(&st->server, "server", san, issuer, days);
}

/* OMA 1.1-int-403 */
static void x509_wrong_server(void **state)
{
	struct stage *st = *state;
	struct ident stranger;

	use_x509(st, CRED_USAGE_DOMAIN, CRED_MATCH_EXACT, st->client.cert_bytes);
	expect_refusal(st);
	other_server(st, "DNS:elsewhere", &st->ca, 100);
	use_x509(st, CRED_USAGE_ANCHOR, CRED_MATCH_EXACT, st->ca.cert_bytes);
	expect_refusal(st);
	use_x509(st, CRED_USAGE_SERVICE, CRED_MATCH_EXACT, st->server.cert_bytes);
	expect_refusal(st);
	/* A pinned one may have any name, and any age. */
	other_server(st, "DNS:elsewhere", &st->ca, -1);
	use_x509(st, CRED_USAGE_DOMAIN, CRED_MATCH_EXACT, st->server.cert_bytes);
	expect_x509(st);
	other_server(st, "DNS:server", &st->ca, -1);
	use_x509(st, CRED_USAGE_ANCHOR, CRED_MATCH_EXACT, st->ca.cert_bytes);
	expect_refusal(st);
	ident_make(&stranger, "another authority", NULL, NULL, 100);
	other_server(st, "DNS:server", &stranger, 100);
	use_x509(st, CRED_USAGE_ANCHOR, CRED_MATCH_EXACT, st->ca.cert_bytes);
	expect_refusal(st);
	use_x509(st, CRED_USAGE_SERVICE, CRED_MATCH_EXACT, st->server.cert_bytes);
	expect_refusal(st);
	ident_fini(&stranger);
}

static void x509_name_of_sni(void **state)
{
	struct stage *st = *state;
	struct cred_params p;

	other_server(st, "DNS:lwm2m.example", &st->ca, 100);
	use_x509(st, CRED_USAGE_ANCHOR, CRED_MATCH_EXACT, st->ca.cert_bytes);
	p = st->cred->p;
	p.sni = "lwm2m.example";
	use_cred(st, &p);
	expect_x509(st);
	assert_string_equal(SSL_get_servername(sslpeer_ssl(st->peer), TLSEXT_NAMETYPE_host_name),
		"lwm2m.example");
}

/* Addresses are checked, without the zone that is ours, and not told. */
static void x509_of_an_address(void **state)
{
	struct stage *st = *state;

	other_server(st, "IP:fe80::1", &st->ca, 100);
	use_x509(st, CRED_USAGE_ANCHOR, CRED_MATCH_EXACT, st->ca.cert_bytes);
	expect_x509_at(st, "coaps://[fe80::1%25eth0]");
	assert_null(SSL_get_servername(sslpeer_ssl(st->peer), TLSEXT_NAMETYPE_host_name));
}

static void expect_resumed(struct stage *st)
{
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8");
	st->link->ops->close(st->link);
	reconnect_peer(st);
	open_link(st);
	expect_up(st, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8");
	assert_int_equal(count(st)->resumed, 1);
}

static void x509_resumed(void **state)
{
	struct stage *st = *state;

	use_x509(st, CRED_USAGE_ANCHOR, CRED_MATCH_EXACT, st->ca.cert_bytes);
	expect_resumed(st);
}

/* --- raw public keys ------------------------------------------------------------------------- */

static struct cred_bytes public_of(const struct ident *id, uint8_t **der)
{
	int n = i2d_PUBKEY(id->key, der);

	return (struct cred_bytes){ *der, (size_t)n };
}

static void use_rpk(struct stage *st, const struct ident *server)
{
	uint8_t *der = NULL;
	struct cred_params p = {
		.mode = CRED_RPK, .secret = st->client.key_bytes, .server = public_of(server, &der)
	};

	st->conf.psk_identity = NULL;
	st->conf.own = &st->server;
	use_cred(st, &p);
	OPENSSL_free(der);
	if (ssl_has_rpk())
		restart_peer(st);
}

/* Without raw public keys in OpenSSL: no link, and so never one with less than what was asked for.
 */
static bool refused_here(struct stage *st)
{
	struct link *l = NULL;

	st->conf.rpk = &st->client;
	use_rpk(st, &st->server);
	if (ssl_has_rpk())
		return false;
	assert_int_equal(
		link_new(&st->sc.links, "coaps://server", st->cred, NULL, NULL, &l), LGW_ENOTSUP);
	return true;
}

static void TD_COAP_DTLS_04_raw_public_keys(void **state)
{
	struct stage *st = *state;

	if (!refused_here(st))
		expect_x509(st);
}

static void raw_public_keys_resumed(void **state)
{
	struct stage *st = *state;

	if (refused_here(st))
		return;
	expect_resumed(st);
}

static void TD_COAP_DTLS_05_the_server_expects_another_client(void **state)
{
	struct stage *st = *state;

	if (refused_here(st))
		return;
	st->conf.rpk = &st->ca;
	restart_peer(st);
	expect_refusal(st);
}

/* One with another key, and one that has only a certificate. */
static void TD_COAP_DTLS_06_another_server(void **state)
{
	struct stage *st = *state;

	if (refused_here(st))
		return;
	use_rpk(st, &st->ca);
	expect_refusal(st);
	st->conf.rpk = NULL;
	use_rpk(st, &st->server);
	expect_refusal(st);
}

static void TD_COAP_DTLS_07_raw_public_keys_and_lost_flights(void **state)
{
	struct stage *st = *state;

	if (refused_here(st))
		return;
	for (int lost = 1; lost <= 4; lost++) {
		make_link(st, "coaps://server");
		restart_peer(st);
		open_link(st);
		st->lose = lost;
		for (int k = 0; k < 20 && !st->ups; k++) {
			carry(st);
			script_advance(&st->sc, 1000);
		}
		expect_up(st, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8");
		link_free(st->link);
		st->link = NULL;
	}
}

/* --- streams ------------------------------------------------------------------------------- */

static void tls_with_psk(void **state)
{
	struct stage *st = *state;

	st->conf.stream = true;
	use_psk(st, NULL);
	make_link(st, "coaps+tcp://server");
	open_link(st);
	st->piece = 1;
	expect_up(st, CCM8);
	say(st, "register");
	hear(st, "read");
	SSL_shutdown(sslpeer_ssl(st->peer));
	carry(st);
	assert_int_equal(st->downs, 1);
}

static void tls_with_certificates(void **state)
{
	struct stage *st = *state;

	st->conf.stream = true;
	use_x509(st, CRED_USAGE_ANCHOR, CRED_MATCH_EXACT, st->ca.cert_bytes);
	make_link(st, "coaps+tcp://server");
	open_link(st);
	st->piece = 7;
	carry(st);
	assert_int_equal(st->ups, 1);
	assert_int_equal(SSL_version(sslpeer_ssl(st->peer)), TLS1_3_VERSION);
	say(st, "register");
	hear(st, "read");
}

static void tls_with_a_silent_server(void **state)
{
	struct stage *st = *state;

	st->conf.stream = true;
	use_psk(st, NULL);
	make_link(st, "coaps+tcp://server");
	open_link(st);
	script_advance(&st->sc, 29999);
	assert_int_equal(st->downs, 0);
	script_advance(&st->sc, 1);
	assert_int_equal(st->downs, 1);
	assert_int_equal(st->down_err, LGW_ETIMEDOUT);
	assert_int_equal(script_sent(st->under), 1); /* nothing is repeated on a stream */
}

#define T(f) cmocka_unit_test_setup_teardown(f, securestage_setup, securestage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(x509_usages),
		T(x509_matching_types),
		T(x509_wrong_server),
		T(x509_name_of_sni),
		T(x509_of_an_address),
		T(x509_resumed),
		T(TD_COAP_DTLS_04_raw_public_keys),
		T(raw_public_keys_resumed),
		T(TD_COAP_DTLS_05_the_server_expects_another_client),
		T(TD_COAP_DTLS_06_another_server),
		T(TD_COAP_DTLS_07_raw_public_keys_and_lost_flights),
		T(tls_with_psk),
		T(tls_with_certificates),
		T(tls_with_a_silent_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
