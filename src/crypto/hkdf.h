/* SPDX-License-Identifier: BSD-3-Clause */
/* Key derivation by HKDF (RFC 5869). */
#ifndef CRYPTO_HKDF_H
#define CRYPTO_HKDF_H

#include <stddef.h>
#include <stdint.h>

#define HKDF_SHA256 (-10) /* COSE's "direct+HKDF-SHA-256" */

/*
 * OpenSSL's digest for a number of COSE's registry: an HMAC (5, 6, 7; RFC 8152 table 7) or the HKDF
 * over it (-10, -11; table 12). NULL: not known.
 */
const char *hkdf_digest(int id);

struct hkdf_input {
	const char *digest;
	const void *secret, *salt, *info;
	size_t secret_len, salt_len, info_len;
};
/* Extract and expand; LGW_EINTERNAL. */
int hkdf(const struct hkdf_input *in, uint8_t *out, size_t len);

#endif
