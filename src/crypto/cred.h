/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What one client and one server know each other by: a pre-shared key, raw public keys or
 * certificates, as LwM2M's Security object holds them (LwM2M 1.1 E.1). Immutable, counted, equal
 * ones kept once, and wiped at the end.
 */
#ifndef CRYPTO_CRED_H
#define CRYPTO_CRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRED_IDENTITY_MAX 128   /* of a PSK, bytes (RFC 7925 §4.2: up to 128) */
#define CRED_PSK_MAX      64    /* of a PSK, bytes */
#define CRED_BYTES_MAX    16384 /* of keys and of a certificate chain */
#define CRED_SUITES_MAX   16

/* As /0/x/2. */
enum cred_mode { CRED_PSK = 0, CRED_RPK = 1, CRED_X509 = 2 };
/* As /0/x/15; the domain-issued one looks at nothing but the pinned certificate. */
enum cred_usage {
	CRED_USAGE_CA = 0,
	CRED_USAGE_SERVICE = 1,
	CRED_USAGE_ANCHOR = 2,
	CRED_USAGE_DOMAIN = 3
};
/* As /0/x/13: what cred_params.server holds of the certificate. */
enum cred_matching {
	CRED_MATCH_EXACT = 0,
	CRED_MATCH_SHA256 = 1,
	CRED_MATCH_SHA384 = 2,
	CRED_MATCH_SHA512 = 3
};

struct cred_bytes {
	const uint8_t *p;
	size_t len;
};

/*
 * Keys and certificates are DER or PEM. A private key: PKCS#8, SEC1, or the 32 bytes of a P-256
 * scalar. A public key: SubjectPublicKeyInfo, or a point on P-256. Several certificates follow each
 * other, the own one first.
 */
struct cred_params {
	enum cred_mode mode;        /* /0/x/2 */
	struct cred_bytes identity; /* /0/x/3: PSK identity, own public key (may be absent, it
				       follows from the private one), own certificates */
	struct cred_bytes server;   /* /0/x/4: public key, certificate or its digest */
	struct cred_bytes secret;   /* /0/x/5: PSK, private key */
	const char *secret_uri;     /* instead of it: "pkcs11:…", a key that stays where it is */
	struct cred_bytes trust;    /* certificates of authorities; absent: the system's */
	enum cred_usage usage;
	enum cred_matching matching;
	const char *sni;                  /* /0/x/14; NULL: the host of the URI */
	uint16_t suites[CRED_SUITES_MAX]; /* /0/x/16: numbers of IANA, in order of preference */
	size_t nsuites;                   /* 0: what this version offers by itself */
};

struct cred {
	struct cred_params p; /* own copies; certificates as DER, keys as they were given */
	struct evp_pkey_st *key, *server_key;
	struct stack_st_X509 *chain; /* own certificates, the client's first */
	struct stack_st_X509 *trust; /* authorities; NULL: the system's */
	uint8_t digest[32];          /* of all of it: a name that tells nothing */
	struct creds *set;
	uint32_t refs;
};

/* Those that are in use, for sharing. */
struct creds;
struct creds *creds_new(void);
void creds_free(struct creds *set); /* takes NULL; no member may be in use any more */

/*
 * Check and parse; an equal one of the set (may be NULL) is referenced instead. LGW_EINVAL,
 * LGW_ETOOBIG, LGW_ENOTSUP, LGW_EUNAVAIL (a key store) with the reason in text, which never holds a
 * secret.
 */
int cred_new(struct creds *set, const struct cred_params *p, const struct cred **out, char *text,
	size_t size);
const struct cred *cred_ref(const struct cred *c); /* takes NULL */
void cred_unref(const struct cred *c);             /* takes NULL */
bool cred_eq(const struct cred *a, const struct cred *b);

#endif
