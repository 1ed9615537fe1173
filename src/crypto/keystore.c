/* SPDX-License-Identifier: BSD-3-Clause */
/* Private keys that stay where they are: PKCS#11 tokens, through a provider of OpenSSL. */
#include <stdbool.h>
#include <stdio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include "crypto/keyform.h"
#include "util/err.h"
#include "util/str.h"

/* The provider is configured in openssl.cnf, or just installed; loaded once, it stays. */
static bool provider_ready(void)
{
	if (OSSL_PROVIDER_available(NULL, "pkcs11"))
		return true;
	/* Otherwise a provider loaded by hand switches off the default one. */
	return OSSL_PROVIDER_try_load(NULL, "pkcs11", 1) != NULL;
}

static EVP_PKEY *first_key(OSSL_STORE_CTX *st)
{
	EVP_PKEY *key = NULL;

	while (!key && !OSSL_STORE_eof(st)) {
		OSSL_STORE_INFO *i = OSSL_STORE_load(st);

		if (i && OSSL_STORE_INFO_get_type(i) == OSSL_STORE_INFO_PKEY)
			key = OSSL_STORE_INFO_get1_PKEY(i);
		OSSL_STORE_INFO_free(i);
		if (!i && OSSL_STORE_error(st))
			break;
	}
	return key;
}

int keyform_uri(EVP_PKEY **out, const char *uri, char *text, size_t size)
{
	OSSL_STORE_CTX *st;

	*out = NULL;
	if (!str_starts(uri, "pkcs11:")) {
		snprintf(text, size, "a key by URI is pkcs11:…");
		return LGW_EINVAL;
	}
	if (!provider_ready()) {
		ERR_clear_error();
		snprintf(text, size,
			"PKCS#11 keys need OpenSSL's pkcs11 provider (package pkcs11-provider, "
			"from Debian 13 on)");
		return LGW_EUNAVAIL;
	}
	st = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
	if (st)
		*out = first_key(st);
	OSSL_STORE_close(st);
	ERR_clear_error();
	if (*out)
		return LGW_OK;
	/* The URI may hold a PIN: it is not repeated. */
	snprintf(text, size, "no private key found in the PKCS#11 token");
	return LGW_EUNAVAIL;
}
