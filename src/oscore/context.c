/* SPDX-License-Identifier: BSD-3-Clause */
#include "oscore/context.h"

#include <stdlib.h>
#include <string.h>
#include "crypto/hkdf.h"
#include "crypto/rand.h"
#include "oscore/cbor.h"
#include "oscore/state.h"
#include "util/err.h"
#include "util/mem.h"

/* One output of the key derivation: info = [id, id_context, alg, type, L] (RFC 8613 §3.2.1). */
static int derive_one(const struct oscore_cred *cred, const struct oscore_idctx *id,
	const struct oscore_bytes *role, const char *type, uint8_t *out, size_t len)
{
	uint8_t info[16 + OSCORE_ID_MAX + OSCORE_ID_CONTEXT_MAX];
	struct wr w = wr_of(info, sizeof(info));

	wr_cbor_head(&w, CBOR_ARRAY, 5);
	wr_cbor_bytes(&w, role->p, role->len);
	if (id->n < 0)
		wr_u8(&w, CBOR_NULL);
	else
		wr_cbor_bytes(&w, id->b, (size_t)id->n);
	wr_cbor_head(&w, CBOR_UINT, (size_t)cred->alg->id);
	wr_cbor_head(&w, CBOR_TEXT, strlen(type));
	wr_str(&w, type);
	wr_cbor_head(&w, CBOR_UINT, len);
	return wr_err(&w)
		       ? wr_err(&w)
		       : hkdf(&(struct hkdf_input){ cred->digest, cred->p.secret.p, cred->p.salt.p,
				      info, cred->p.secret.len, cred->p.salt.len, w.len },
				 out, len);
}

int oscore_derive(
	const struct oscore_cred *cred, const struct oscore_idctx *id, struct oscore_keys *out)
{
	static const struct oscore_bytes none = { (const uint8_t *)"", 0 };
	size_t key = cred->alg->key_len;
	int r = derive_one(cred, id, &cred->p.sender, "Key", out->send, key);

	r = r ? r : derive_one(cred, id, &cred->p.recipient, "Key", out->recv, key);
	return r ? r : derive_one(cred, id, &none, "IV", out->iv, cred->alg->nonce_len);
}

static void configured(const struct oscore_cred *cred, struct oscore_idctx *id)
{
	id->n = cred->p.has_id_context ? (int16_t)cred->p.id_context.len : -1;
	memcpy(id->b, cred->p.id_context.p, cred->p.id_context.len);
}

static int reserve(struct oscore *c)
{
	int r = c->ops->reserve(c->ud, c->cred, OSCORE_SEQ_STEP, &c->seq);

	c->reserved = r ? c->seq : c->seq + OSCORE_SEQ_STEP;
	return r;
}

struct oscore *oscore_new(
	const struct oscore_cred *cred, const struct oscore_ops *ops, void *ud, int *err)
{
	struct oscore *c = xcalloc(1, sizeof(*c));

	c->cred = oscore_cred_ref(cred);
	c->ops = ops;
	c->ud = ud;
	c->base = true;
	rand_bytes(c->echo, sizeof(c->echo));
	configured(cred, &c->idctx);
	*err = oscore_derive(cred, &c->idctx, &c->keys);
	if (!*err && (cred->p.rederive || reserve(c) == LGW_ENOENT))
		*err = oscore_recover(c);
	if (!*err)
		return c;
	oscore_free(c);
	return NULL;
}

void oscore_free(struct oscore *c)
{
	if (!c)
		return;
	oscore_cred_unref(c->cred);
	free(c->asked);
	mem_wipe(c, sizeof(*c));
	free(c);
}

int oscore_next(struct oscore *c, uint64_t *seq)
{
	/* Keys made in this process need no memory beyond it. */
	if (c->base && c->seq == c->reserved && reserve(c))
		return LGW_EUNAVAIL;
	if (c->seq >= OSCORE_SEQ_END)
		return LGW_ETOOBIG;
	*seq = c->seq++;
	return LGW_OK;
}

void oscore_adopt(struct oscore *c, const struct oscore_keys *k, const struct oscore_idctx *id)
{
	if (c->base) {
		c->base_seq = c->seq;
		c->base_reserved = c->reserved;
		c->base = false;
	}
	c->keys = *k;
	c->idctx = *id;
	c->seq = c->reserved = 0;
	c->epoch++;
	oscore_window_reset(&c->window);
}

/* Nobody understood the new keys: back to the configured ones, and on with their numbers. */
static int give_up(struct oscore *c)
{
	c->phase = OSCORE_STEADY;
	configured(c->cred, &c->idctx);
	c->base = true;
	c->seq = c->base_seq;
	c->reserved = c->base_reserved;
	c->window.valid = false;
	c->epoch++;
	return oscore_derive(c->cred, &c->idctx, &c->keys);
}

int oscore_recover(struct oscore *c)
{
	struct oscore_idctx id1 = { .n = OSCORE_R_BYTES };
	struct oscore_keys k;
	int r;

	if (c->phase != OSCORE_STEADY) {
		r = give_up(c);
		return r ? r : LGW_EEXIST;
	}
	rand_bytes(id1.b, OSCORE_R_BYTES);
	r = oscore_derive(c->cred, &id1, &k);
	if (!r) {
		oscore_adopt(c, &k, &id1);
		c->phase = OSCORE_ASKING;
	}
	mem_wipe(&k, sizeof(k));
	return r;
}

void oscore_unanswered(struct oscore *c)
{
	if (c->phase != OSCORE_STEADY && c->base_reserved)
		give_up(c);
}

bool oscore_configured(const struct oscore *c)
{
	return c->base;
}

bool oscore_recovering(const struct oscore *c)
{
	return c->phase != OSCORE_STEADY;
}
