/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys and certificates as a server or a file may give them: every form of them, and credentials
 * made of them. The first byte says what the rest is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include "crypto/cred.h"
#include "crypto/keyform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void credentials(const uint8_t *p, size_t len, unsigned kind)
{
	/* The bytes are dealt out as identity, server's part, secret and authorities. */
	size_t a = len > 2 ? (size_t)p[0] % (len - 1) : 0,
	       b = len > 2 ? (size_t)p[1] % (len - a) : 0;
	struct cred_params c = { .mode = (enum cred_mode)(kind % 3),
		.identity = { p, a },
		.server = { p + a, b },
		.secret = { p + a + b, len - a - b },
		.trust = { p, kind & 8 ? len : 0 },
		.usage = (enum cred_usage)(kind >> 4 & 3),
		.matching = (enum cred_matching)(kind >> 6 & 3) };
	const struct cred *cred;
	char text[200];

	if (!cred_new(NULL, &c, &cred, text, sizeof(text)))
		cred_unref(cred);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	STACK_OF(X509) *list = NULL;
	EVP_PKEY *key = NULL;

	if (!size)
		return 0;
	switch (data[0] & 3) {
	case 0:
		keyform_private(&key, data + 1, size - 1);
		break;
	case 1:
		keyform_public(&key, data + 1, size - 1);
		break;
	case 2:
		keyform_certs(&list, data + 1, size - 1);
		break;
	default:
		credentials(data + 1, size - 1, data[0] >> 2);
	}
	EVP_PKEY_free(key);
	sk_X509_pop_free(list, X509_free);
	return 0;
}
