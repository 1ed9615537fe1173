/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Authenticated encryption by the algorithms of COSE (RFC 8152 §10). One struct aead serves a whole
 * process: it keeps one cipher context for each algorithm and direction that was used, since a
 * context of OpenSSL costs more to make than a message costs to protect.
 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include <stddef.h>
#include <stdint.h>

#define AEAD_KEY_MAX       32
#define AEAD_NONCE_MAX     13
#define AEAD_TAG_MAX       16
#define AEAD_CCM_16_64_128 10 /* what OSCORE uses unless told otherwise */

struct aead_alg {
	int id; /* in COSE's registry */
	const char *name;
	const char *cipher; /* OpenSSL's name */
	uint8_t key_len, nonce_len, tag_len;
};
/* NULL: not known. */
const struct aead_alg *aead_alg(int id);

struct aead;
struct aead *aead_new(void);
void aead_free(struct aead *a); /* takes NULL */

struct aead_input {
	const struct aead_alg *alg;
	const uint8_t *key, *nonce; /* alg->key_len, alg->nonce_len bytes */
	const void *aad;
	size_t aad_len;
};
/* Encrypt len bytes in place; alg->tag_len bytes of tag follow them. LGW_EINTERNAL. */
int aead_seal(struct aead *a, const struct aead_input *in, uint8_t *p, size_t len);
/*
 * Decrypt in place; len includes the tag. LGW_EACCES: forged or damaged, the bytes are of no use
 * then; LGW_EINVAL: shorter than a tag.
 */
int aead_open(struct aead *a, const struct aead_input *in, uint8_t *p, size_t len);

#endif
