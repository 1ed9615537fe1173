/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/hmac.h"

#include <openssl/evp.h>
#include "util/err.h"

int hmac_sha256(
	const void *key, size_t key_len, const void *p, size_t len, uint8_t out[HMAC_SHA256_BYTES])
{
	size_t n = 0;

	if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, key_len, p, len, out,
		    HMAC_SHA256_BYTES, &n) ||
		n != HMAC_SHA256_BYTES)
		return LGW_EINTERNAL;
	return LGW_OK;
}
