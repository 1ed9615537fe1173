/* SPDX-License-Identifier: BSD-3-Clause */
/* Ciphersuites by their number and name of IANA, as /0/x/16 and the configuration say them. */
#ifndef CRYPTO_SUITE_H
#define CRYPTO_SUITE_H

#include <stdbool.h>
#include <stdint.h>
#include "crypto/cred.h"

struct suite {
	uint16_t id;
	const char *name;    /* TLS_PSK_WITH_AES_128_CCM_8 */
	const char *openssl; /* PSK-AES128-CCM8 */
	uint8_t auth;        /* whom it serves: 1 << CRED_PSK, … */
	bool usual;          /* offered unless something else is said */
	bool tls13;          /* TLS 1.3 only */
};

/* In order of preference; ends with a NULL name. */
extern const struct suite suites[];
const struct suite *suite_by_id(uint16_t id);
const struct suite *suite_by_name(const char *name);

#endif
