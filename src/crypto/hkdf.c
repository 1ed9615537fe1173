/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include "util/err.h"
#include "util/mem.h"

const char *hkdf_digest(int id)
{
	static const struct {
		int id;
		const char *digest;
	} t[] = { { 5, "SHA256" }, { 6, "SHA384" }, { 7, "SHA512" }, { HKDF_SHA256, "SHA256" },
		{ -11, "SHA512" } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		if (t[i].id == id)
			return t[i].digest;
	return NULL;
}

static OSSL_PARAM octets(const char *key, const void *p, size_t len)
{
	/* Parameters that are only read; OpenSSL's type has no const. */
	return OSSL_PARAM_construct_octet_string(key, (void *)(uintptr_t)(len ? p : ""), len);
}

int hkdf(const struct hkdf_input *in, uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)in->digest, 0),
		octets(OSSL_KDF_PARAM_KEY, in->secret, in->secret_len),
		octets(OSSL_KDF_PARAM_SALT, in->salt, in->salt_len),
		octets(OSSL_KDF_PARAM_INFO, in->info, in->info_len),
		OSSL_PARAM_construct_end(),
	};
	int r = ctx && EVP_KDF_derive(ctx, out, len, p) > 0 ? LGW_OK : LGW_EINTERNAL;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return r;
}
