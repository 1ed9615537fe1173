/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include "crypto/cred.h"
#include "crypto/keyform.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/mem.h"

/* RFC 5903 §8.1: a key pair on P-256. */
#define SCALAR "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433"
#define X      "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
#define Y      "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3"
#define P256   "06082A8648CE3D030107"

static char text[256];

static size_t hex(uint8_t *out, size_t cap, const char *s)
{
	int n = hex_decode(out, cap, s, strlen(s));

	assert_true(n > 0);
	return (size_t)n;
}

static EVP_PKEY *private_of(const char *s)
{
	uint8_t der[512];
	size_t n = hex(der, sizeof(der), s);
	uint8_t *exact = xmemdup(der, n);
	EVP_PKEY *key;

	keyform_private(&key, exact, n);
	free(exact);
	return key;
}

static void expect_point(EVP_PKEY *key)
{
	uint8_t got[100], want[100];
	size_t n = 0, m = hex(want, sizeof(want), "04" X Y);

	assert_non_null(key);
	assert_int_equal(
		EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", got, sizeof(got), &n), 1);
	assert_int_equal(n, m);
	assert_memory_equal(got, want, n);
	EVP_PKEY_free(key);
}

static void private_keys_come_in_many_forms(void **state)
{
	/* SEC1: full, without public key, without curve; a scalar; PKCS#8 without and with public
	 * key inside, and behind it (RFC 5958). */
	expect_point(private_of("30770201010420" SCALAR "A00A" P256 "A14403420004" X Y));
	expect_point(private_of("30310201010420" SCALAR "A00A" P256));
	expect_point(private_of("30250201010420" SCALAR));
	expect_point(private_of(SCALAR));
	expect_point(private_of("3041020100301306072A8648CE3D0201" P256 "0427"
				"30250201010420" SCALAR));
	expect_point(private_of("308187020100301306072A8648CE3D0201" P256 "046D"
				"306B0201010420" SCALAR "A14403420004" X Y));
	expect_point(private_of("308185020101301306072A8648CE3D0201" P256 "0427"
				"30250201010420" SCALAR "81420004" X Y));
}

static void private_keys_of_no_form_are_refused(void **state)
{
	assert_null(private_of("00"));
	assert_null(private_of("30310201010420" SCALAR "A00A" P256 "00")); /* one byte more */
	assert_null(private_of("30250201020420" SCALAR));                  /* version 2 */
	assert_null(private_of("30770201010420"));
	assert_null(private_of("3084FFFFFFFF020100"));
	assert_null(private_of("0000000000000000000000000000000000000000000000000000000000000000"));
}

static EVP_PKEY *public_of(const char *s)
{
	uint8_t der[512];
	size_t n = hex(der, sizeof(der), s);
	EVP_PKEY *key;

	keyform_public(&key, der, n);
	return key;
}

static void public_keys_come_in_many_forms(void **state)
{
	EVP_PKEY *key;

	expect_point(public_of("3059301306072A8648CE3D0201" P256 "03420004" X Y));
	expect_point(public_of("04" X Y));
	key = public_of("02" X);
	assert_non_null(key);
	EVP_PKEY_free(key);
	assert_null(public_of("3059301306072A8648CE3D0201" P256 "03420004" X Y "00"));
	assert_null(
		public_of("3059301306072A8648CE3D0201" P256 "03420004" Y X)); /* off the curve */
	assert_null(public_of("04" Y X));
}

/* --- credentials --------------------------------------------------------------------------- */

#define BYTES(s)                                    \
	{                                           \
		(const uint8_t *)(s), sizeof(s) - 1 \
	}

static struct cred_params psk(void)
{
	return (struct cred_params){
		.mode = CRED_PSK, .identity = BYTES("me"), .secret = BYTES("0123456789abcdef")
	};
}

static void equal_ones_are_kept_once(void **state)
{
	struct creds *set = creds_new();
	struct cred_params p = psk(), q = psk();
	const struct cred *a, *b, *c;

	q.secret.len--;
	assert_int_equal(cred_new(set, &p, &a, text, sizeof(text)), 0);
	assert_int_equal(cred_new(set, &p, &b, text, sizeof(text)), 0);
	assert_int_equal(cred_new(set, &q, &c, text, sizeof(text)), 0);
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_true(cred_eq(a, b) && !cred_eq(a, c) && !cred_eq(a, NULL) && cred_eq(NULL, NULL));
	cred_unref(a);
	assert_int_equal(b->p.identity.len, 2);
	cred_unref(b);
	cred_unref(c);
	cred_unref(NULL);
	creds_free(set);
}

static void expect_refused(const struct cred_params *p, int status)
{
	const struct cred *c;

	text[0] = '\0';
	assert_int_equal(cred_new(NULL, p, &c, text, sizeof(text)), status);
	assert_null(c);
	assert_true(text[0]);
	assert_null(strstr(text, "0123456789"));
}

static void limits_of_a_psk(void **state)
{
	struct cred_params p = psk();
	uint8_t big[CRED_IDENTITY_MAX + 1];
	const struct cred *c;

	memset(big, 'x', sizeof(big));
	p.identity = (struct cred_bytes){ big, CRED_IDENTITY_MAX };
	p.secret = (struct cred_bytes){ big, CRED_PSK_MAX };
	assert_int_equal(cred_new(NULL, &p, &c, text, sizeof(text)), 0);
	cred_unref(c);
	p.identity.len++;
	expect_refused(&p, LGW_EINVAL);
	p.identity.len = 0;
	expect_refused(&p, LGW_EINVAL);
	p = psk();
	p.secret = (struct cred_bytes){ big, CRED_PSK_MAX + 1 };
	expect_refused(&p, LGW_EINVAL);
	p.secret.len = 0;
	expect_refused(&p, LGW_EINVAL);
	p = psk();
	p.identity = (struct cred_bytes)BYTES("a\0b");
	expect_refused(&p, LGW_EINVAL);
	p = psk();
	p.nsuites = CRED_SUITES_MAX + 1;
	expect_refused(&p, LGW_ETOOBIG);
}

static void key_pairs_must_fit(void **state)
{
	uint8_t scalar[32], spki[65], other[32];
	struct cred_params p = { .mode = CRED_RPK };
	const struct cred *c;

	p.secret = (struct cred_bytes){ scalar, hex(scalar, sizeof(scalar), SCALAR) };
	p.server = (struct cred_bytes){ spki, hex(spki, sizeof(spki), "04" X Y) };
	p.identity = p.server;
	assert_int_equal(cred_new(NULL, &p, &c, text, sizeof(text)), 0);
	assert_non_null(c->key);
	assert_non_null(c->server_key);
	cred_unref(c);
	memset(other, 7, sizeof(other));
	p.secret.p = other;
	expect_refused(&p, LGW_EINVAL);
	p.secret.p = scalar;
	p.server.len = 0;
	expect_refused(&p, LGW_EINVAL);
}

static void a_token_that_is_not_there_is_told(void **state)
{
	struct cred_params p = { .mode = CRED_X509,
		.secret_uri = "pkcs11:token=none?pin-value=31415" };

	setenv("OPENSSL_ENGINES", "/nonexistent", 1); /* that of PKCS#11 leaks */
	expect_refused(&p, LGW_EUNAVAIL);
	assert_null(strstr(text, "31415"));
	p.secret_uri = "file:key.pem";
	expect_refused(&p, LGW_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_keys_come_in_many_forms),
		cmocka_unit_test(private_keys_of_no_form_are_refused),
		cmocka_unit_test(public_keys_come_in_many_forms),
		cmocka_unit_test(equal_ones_are_kept_once),
		cmocka_unit_test(limits_of_a_psk),
		cmocka_unit_test(key_pairs_must_fit),
		cmocka_unit_test(a_token_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
