/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Private keys that stay where they are: PKCS#11 tokens, through the provider of OpenSSL, or, where
 * there is only that (Debian 12), through the engine.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* engines */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
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

/* Nobody is there to be asked for a PIN: it is in the URI. */
static EVP_PKEY *from_provider(const char *uri)
{
	OSSL_STORE_CTX *st = OSSL_STORE_open(uri, UI_null(), NULL, NULL, NULL);
	EVP_PKEY *key = st ? first_key(st) : NULL;

	OSSL_STORE_close(st);
	return key;
}

static EVP_PKEY *from_engine(ENGINE *e, const char *uri)
{
	UI_METHOD *nobody = (UI_METHOD *)(uintptr_t)UI_null();
	EVP_PKEY *key = NULL;

	ENGINE_ctrl_cmd(e, "QUIET", 0, NULL, NULL, 1); /* not on standard error */
	if (ENGINE_init(e)) {
		key = ENGINE_load_private_key(e, uri, nobody, NULL);
		ENGINE_finish(e); /* the key has its own share */
	}
	return key;
}

int keyform_uri(EVP_PKEY **out, const char *uri, char *text, size_t size)
{
	ENGINE *engine = NULL;
	bool provider;

	*out = NULL;
	if (!str_starts(uri, "pkcs11:")) {
		snprintf(text, size, "a key by URI is pkcs11:…");
		return LGW_EINVAL;
	}
	provider = provider_ready();
	if (provider)
		*out = from_provider(uri);
	else
		engine = ENGINE_by_id("pkcs11");
	if (engine)
		*out = from_engine(engine, uri);
	/* The URI may hold a PIN: it is not repeated. */
	if (!provider && !engine)
		snprintf(text, size,
			"PKCS#11 keys need the package pkcs11-provider (from Debian 13 on) or "
			"libengine-pkcs11-openssl");
	else if (!*out)
		snprintf(text, size, "no private key found in the PKCS#11 token");
	ENGINE_free(engine);
	ERR_clear_error();
	return *out ? LGW_OK : LGW_EUNAVAIL;
}
