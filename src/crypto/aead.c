/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/aead.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include "util/err.h"
#include "util/mem.h"

/* RFC 8152 tables 9, 10 and 11. */
static const struct aead_alg algs[] = {
	{ 1, "A128GCM", "AES-128-GCM", 16, 12, 16 },
	{ 2, "A192GCM", "AES-192-GCM", 24, 12, 16 },
	{ 3, "A256GCM", "AES-256-GCM", 32, 12, 16 },
	{ AEAD_CCM_16_64_128, "AES-CCM-16-64-128", "AES-128-CCM", 16, 13, 8 },
	{ 11, "AES-CCM-16-64-256", "AES-256-CCM", 32, 13, 8 },
	{ 12, "AES-CCM-64-64-128", "AES-128-CCM", 16, 7, 8 },
	{ 13, "AES-CCM-64-64-256", "AES-256-CCM", 32, 7, 8 },
	{ 24, "ChaCha20/Poly1305", "ChaCha20-Poly1305", 32, 12, 16 },
	{ 30, "AES-CCM-16-128-128", "AES-128-CCM", 16, 13, 16 },
	{ 31, "AES-CCM-16-128-256", "AES-256-CCM", 32, 13, 16 },
	{ 32, "AES-CCM-64-128-128", "AES-128-CCM", 16, 7, 16 },
	{ 33, "AES-CCM-64-128-256", "AES-256-CCM", 32, 7, 16 },
};

enum direction { OPEN, SEAL };

struct aead {
	EVP_CIPHER_CTX *ctx[ARRAY_SIZE(algs)][2];
};

const struct aead_alg *aead_alg(int id)
{
	for (size_t i = 0; i < ARRAY_SIZE(algs); i++)
		if (algs[i].id == id)
			return &algs[i];
	return NULL;
}

struct aead *aead_new(void)
{
	return xcalloc(1, sizeof(struct aead));
}

void aead_free(struct aead *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(algs); i++) {
		EVP_CIPHER_CTX_free(a->ctx[i][OPEN]);
		EVP_CIPHER_CTX_free(a->ctx[i][SEAL]);
	}
	free(a);
}

static EVP_CIPHER_CTX *make(const struct aead_alg *alg, enum direction d)
{
	EVP_CIPHER *c = EVP_CIPHER_fetch(NULL, alg->cipher, NULL);
	EVP_CIPHER_CTX *ctx = c ? EVP_CIPHER_CTX_new() : NULL;
	bool ok = ctx && EVP_CipherInit_ex(ctx, c, NULL, NULL, NULL, d) > 0 &&
		  EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, alg->nonce_len, NULL) > 0 &&
		  (EVP_CIPHER_get_mode(c) != EVP_CIPH_CCM_MODE ||
			  EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, alg->tag_len, NULL) > 0);

	EVP_CIPHER_free(c); /* the context holds a reference */
	if (ok)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

static EVP_CIPHER_CTX *context(struct aead *a, const struct aead_alg *alg, enum direction d)
{
	EVP_CIPHER_CTX **slot = &a->ctx[alg - algs][d];

	if (!*slot)
		*slot = make(alg, d);
	return *slot;
}

/* CCM wants to know the length of all before the first byte of it. */
static bool begin(EVP_CIPHER_CTX *ctx, const struct aead_input *in, size_t len)
{
	int n;

	if (EVP_CipherInit_ex(ctx, NULL, NULL, in->key, in->nonce, -1) <= 0)
		return false;
	if (EVP_CIPHER_CTX_get_mode(ctx) == EVP_CIPH_CCM_MODE &&
		EVP_CipherUpdate(ctx, NULL, &n, NULL, (int)len) <= 0)
		return false;
	return EVP_CipherUpdate(ctx, NULL, &n, in->aad, (int)in->aad_len) > 0;
}

int aead_seal(struct aead *a, const struct aead_input *in, uint8_t *p, size_t len)
{
	EVP_CIPHER_CTX *ctx = context(a, in->alg, SEAL);
	int n;

	if (!ctx || len > INT32_MAX || !begin(ctx, in, len) ||
		EVP_CipherUpdate(ctx, p, &n, p, (int)len) <= 0 ||
		EVP_CipherFinal_ex(ctx, p + n, &n) <= 0 ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, in->alg->tag_len, p + len) <= 0)
		return LGW_EINTERNAL;
	return LGW_OK;
}

int aead_open(struct aead *a, const struct aead_input *in, uint8_t *p, size_t len)
{
	EVP_CIPHER_CTX *ctx = context(a, in->alg, OPEN);
	uint8_t tag[AEAD_TAG_MAX];
	size_t text;
	bool ccm;
	int n;

	if (len < in->alg->tag_len || len > INT32_MAX)
		return LGW_EINVAL;
	if (!ctx)
		return LGW_EINTERNAL;
	text = len - in->alg->tag_len;
	memcpy(tag, p + text, in->alg->tag_len);
	ccm = EVP_CIPHER_CTX_get_mode(ctx) == EVP_CIPH_CCM_MODE;
	if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, in->alg->tag_len, tag) <= 0 ||
		!begin(ctx, in, text) || EVP_CipherUpdate(ctx, p, &n, p, (int)text) <= 0)
		return LGW_EACCES;
	/* CCM has verified by now, and has no Final when it decrypts. */
	return ccm || EVP_CipherFinal_ex(ctx, p + n, &n) > 0 ? LGW_OK : LGW_EACCES;
}
