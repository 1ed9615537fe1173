/* SPDX-License-Identifier: BSD-3-Clause */
/* HMAC with SHA-256 (RFC 2104, FIPS 198-1). */
#ifndef CRYPTO_HMAC_H
#define CRYPTO_HMAC_H

#include <stddef.h>
#include <stdint.h>

#define HMAC_SHA256_BYTES 32

/* LGW_EINTERNAL when OpenSSL cannot. */
int hmac_sha256(
	const void *key, size_t key_len, const void *p, size_t len, uint8_t out[HMAC_SHA256_BYTES]);

#endif
