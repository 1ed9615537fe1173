/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/suite.h"

#include <string.h>

#define PSK  (1u << CRED_PSK)
#define CERT (1u << CRED_RPK | 1u << CRED_X509)
#define X509 (1u << CRED_X509)

/* LwM2M: CCM_8 must, CBC_SHA256 should; the others for servers that know neither. */
const struct suite suites[] = {
	{ 0xc0a8, "TLS_PSK_WITH_AES_128_CCM_8", "PSK-AES128-CCM8", PSK, true, false },
	{ 0x00ae, "TLS_PSK_WITH_AES_128_CBC_SHA256", "PSK-AES128-CBC-SHA256", PSK, true, false },
	{ 0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256", "PSK-AES128-GCM-SHA256", PSK, true, false },
	{ 0xc0a4, "TLS_PSK_WITH_AES_128_CCM", "PSK-AES128-CCM", PSK, false, false },
	{ 0xc037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", "ECDHE-PSK-AES128-CBC-SHA256", PSK,
		false, false },
	{ 0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", "ECDHE-ECDSA-AES128-CCM8", CERT, true,
		false },
	{ 0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", CERT,
		true, false },
	{ 0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "ECDHE-ECDSA-AES128-SHA256", CERT,
		true, false },
	{ 0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", "ECDHE-ECDSA-AES128-CCM", CERT, false,
		false },
	{ 0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", CERT,
		false, false },
	{ 0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", X509,
		true, false },
	{ 0x1301, "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", CERT, true, true },
	{ 0x1302, "TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", CERT, true, true },
	{ 0x1304, "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_SHA256", CERT, true, true },
	{ 0x1305, "TLS_AES_128_CCM_8_SHA256", "TLS_AES_128_CCM_8_SHA256", CERT, true, true },
	{ 0 },
};

const struct suite *suite_by_id(uint16_t id)
{
	for (const struct suite *s = suites; s->name; s++)
		if (s->id == id)
			return s;
	return NULL;
}

const struct suite *suite_by_name(const char *name)
{
	for (const struct suite *s = suites; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}
