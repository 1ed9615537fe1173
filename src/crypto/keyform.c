/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/keyform.h"

#include <stdbool.h>
#include <string.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/str.h"
#include "util/wr.h"

#define SCALAR    32 /* bytes of a private key on P-256 */
#define CERTS_MAX 16

static bool is_pem(const uint8_t *p, size_t len)
{
	return memmem(p, len, "-----BEGIN ", 11) != NULL;
}

/* Nobody is there to type a passphrase. */
static int no_passphrase(char *buf, int size, int rwflag, void *ud)
{
	return 0;
}

/* --- private keys -------------------------------------------------------------------------- */

/* SEC1 with the name of the curve; the public key is computed from it. */
static EVP_PKEY *from_scalar(const uint8_t *scalar)
{
	static const uint8_t head[] = { 0x30, 0x31, 0x02, 0x01, 0x01, 0x04, SCALAR };
	static const uint8_t curve[] = { 0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
		0x01, 0x07 };
	uint8_t der[sizeof(head) + SCALAR + sizeof(curve)];
	struct wr w = wr_of(der, sizeof(der));
	const uint8_t *q = der;
	EVP_PKEY *key;

	wr_bytes(&w, head, sizeof(head));
	wr_bytes(&w, scalar, SCALAR);
	wr_bytes(&w, curve, sizeof(curve));
	key = d2i_AutoPrivateKey(NULL, &q, (long)w.len);
	mem_wipe(der, sizeof(der));
	return key;
}

/* The content of a DER element of this tag, or one that has failed. */
static struct rd element(struct rd *r, uint8_t tag)
{
	size_t len;

	if (rd_u8(r) != tag)
		rd_fail(r, LGW_EINVAL);
	len = rd_u8(r);
	if (len == 0x81)
		len = rd_u8(r);
	else if (len == 0x82)
		len = rd_u16(r);
	else if (len > 0x7f)
		rd_fail(r, LGW_EINVAL);
	return rd_sub(r, len);
}

/* SEC1 whose curve is not named: LwM2M knows but one. */
static EVP_PKEY *from_bare_sec1(const uint8_t *p, size_t len)
{
	struct rd r = rd_of(p, len), seq = element(&r, 0x30), version = element(&seq, 0x02);
	struct rd scalar = element(&seq, 0x04);

	if (rd_err(&r) || rd_err(&seq) || rd_left(&r) || rd_left(&version) != 1 ||
		rd_u8(&version) != 1 || rd_left(&scalar) != SCALAR)
		return NULL;
	return from_scalar(scalar.p);
}

/* RFC 5958 with the public key behind it, which OpenSSL 3.0 does not know: without it. */
static EVP_PKEY *from_pkcs8v2(const uint8_t *p, size_t len)
{
	struct rd r = rd_of(p, len), seq = element(&r, 0x30), version = element(&seq, 0x02);
	const uint8_t *body = seq.p, *q;
	struct wr w = wr_grow(len + 8);
	EVP_PKEY *key = NULL;
	size_t n;

	element(&seq, 0x30);
	element(&seq, 0x04);
	if (rd_err(&seq) || rd_left(&r) || rd_left(&version) != 1 || rd_u8(&version) != 1)
		return NULL;
	n = (size_t)(seq.p - body);
	wr_u8(&w, 0x30);
	wr_u8(&w, 0x82);
	wr_u16(&w, (uint16_t)(n + 3));
	wr_bytes(&w, (const uint8_t[]){ 0x02, 0x01, 0x00 }, 3);
	wr_bytes(&w, body, n);
	q = w.p;
	if (!wr_err(&w))
		key = d2i_AutoPrivateKey(NULL, &q, (long)w.len);
	mem_wipe(w.p, w.len);
	wr_fini(&w);
	return key;
}

static EVP_PKEY *private_der(const uint8_t *p, size_t len)
{
	const uint8_t *q = p;
	EVP_PKEY *key;

	if (len == SCALAR)
		return from_scalar(p);
	key = d2i_AutoPrivateKey(NULL, &q, (long)len);
	if (key && q != p + len) { /* what follows is not looked at by OpenSSL */
		EVP_PKEY_free(key);
		return NULL;
	}
	if (!key)
		key = from_bare_sec1(p, len);
	return key ? key : from_pkcs8v2(p, len);
}

/* OpenSSL takes a scalar of zero, or one beyond the order of the curve. */
static bool in_range(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool ok = ctx && EVP_PKEY_private_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

int keyform_private(EVP_PKEY **out, const uint8_t *p, size_t len)
{
	BIO *b;

	*out = NULL;
	if (!len || len > INT32_MAX)
		return LGW_EINVAL;
	if (is_pem(p, len)) {
		b = BIO_new_mem_buf(p, (int)len);
		*out = PEM_read_bio_PrivateKey(b, NULL, no_passphrase, NULL);
		BIO_free(b);
	} else {
		*out = private_der(p, len);
	}
	if (*out && !in_range(*out)) {
		EVP_PKEY_free(*out);
		*out = NULL;
	}
	ERR_clear_error();
	return *out ? LGW_OK : LGW_EINVAL;
}

/* --- public keys --------------------------------------------------------------------------- */

static EVP_PKEY *from_point(const uint8_t *p, size_t len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t) "P-256", 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)p, len),
		OSSL_PARAM_construct_end(),
	};

	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

int keyform_public(EVP_PKEY **out, const uint8_t *p, size_t len)
{
	const uint8_t *q = p;
	BIO *b;

	*out = NULL;
	if (!len || len > INT32_MAX)
		return LGW_EINVAL;
	if (is_pem(p, len)) {
		b = BIO_new_mem_buf(p, (int)len);
		*out = PEM_read_bio_PUBKEY(b, NULL, no_passphrase, NULL);
		BIO_free(b);
	} else if ((len == 65 && p[0] == 4) || (len == 33 && (p[0] == 2 || p[0] == 3))) {
		*out = from_point(p, len);
	} else {
		*out = d2i_PUBKEY(NULL, &q, (long)len);
		if (*out && q != p + len) {
			EVP_PKEY_free(*out);
			*out = NULL;
		}
	}
	ERR_clear_error();
	return *out ? LGW_OK : LGW_EINVAL;
}

/* --- certificates -------------------------------------------------------------------------- */

static int certs_pem(STACK_OF(X509) * list, const uint8_t *p, size_t len)
{
	BIO *b = BIO_new_mem_buf(p, (int)len);
	X509 *x;
	int r = LGW_OK;

	while (!r && (x = PEM_read_bio_X509(b, NULL, no_passphrase, NULL))) {
		sk_X509_push(list, x);
		if (sk_X509_num(list) > CERTS_MAX)
			r = LGW_ETOOBIG;
	}
	/* Anything but the end of the text is a certificate that cannot be read. */
	if (!r && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		r = LGW_EINVAL;
	BIO_free(b);
	return r;
}

static int certs_der(STACK_OF(X509) * list, const uint8_t *p, size_t len)
{
	const uint8_t *q = p;

	while (q < p + len) {
		X509 *x = d2i_X509(NULL, &q, (long)(p + len - q));

		if (!x)
			return LGW_EINVAL;
		sk_X509_push(list, x);
		if (sk_X509_num(list) > CERTS_MAX)
			return LGW_ETOOBIG;
	}
	return LGW_OK;
}

int keyform_certs(STACK_OF(X509) * *out, const uint8_t *p, size_t len)
{
	STACK_OF(X509) *list = sk_X509_new_null();
	int r = LGW_EINVAL;

	*out = NULL;
	ERR_clear_error();
	if (len && len <= INT32_MAX)
		r = is_pem(p, len) ? certs_pem(list, p, len) : certs_der(list, p, len);
	ERR_clear_error();
	if (!r && !sk_X509_num(list))
		r = LGW_EINVAL;
	if (r)
		sk_X509_pop_free(list, X509_free);
	else
		*out = list;
	return r;
}
