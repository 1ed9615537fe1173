/* SPDX-License-Identifier: BSD-3-Clause */
/* The forms in which keys and certificates come: DER and PEM, and what LwM2M servers write. */
#ifndef CRYPTO_KEYFORM_H
#define CRYPTO_KEYFORM_H

#include <stddef.h>
#include <stdint.h>

struct evp_pkey_st;
struct stack_st_X509;

/*
 * PEM, PKCS#8 (RFC 5208, 5958: also with the public key behind it), SEC1 (RFC 5915, also without
 * curve), or 32 bytes: a scalar on P-256. LGW_EINVAL; encrypted ones too. The caller frees.
 */
int keyform_private(struct evp_pkey_st **out, const uint8_t *p, size_t len);
/* PEM, SubjectPublicKeyInfo (RFC 7250), or a point on P-256 of 33 or 65 bytes. */
int keyform_public(struct evp_pkey_st **out, const uint8_t *p, size_t len);
/* PEM, or DER one behind the other; at least one. LGW_EINVAL, LGW_ETOOBIG (over 16). */
int keyform_certs(struct stack_st_X509 **out, const uint8_t *p, size_t len);
/* A key that stays in its token: "pkcs11:…" (RFC 7512) through OpenSSL's store. LGW_EUNAVAIL with
 * the reason in text. */
int keyform_uri(struct evp_pkey_st **out, const char *uri, char *text, size_t size);

#endif
