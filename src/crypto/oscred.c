/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/oscred.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crypto/hkdf.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/wr.h"

static int check(const struct oscore_params *p, const struct aead_alg *alg, char *text, size_t size)
{
	const char *why = NULL;
	int r = LGW_EINVAL;

	if (!alg) {
		why = "unknown AEAD algorithm";
		r = LGW_ENOTSUP;
	} else if (!hkdf_digest(p->hkdf)) {
		why = "unknown key derivation";
		r = LGW_ENOTSUP;
	} else if (!p->secret.len || p->secret.len > OSCORE_SECRET_MAX) {
		why = "the master secret has 1 to 64 bytes";
	} else if (p->salt.len > OSCORE_SALT_MAX) {
		why = "the master salt has at most 64 bytes";
	} else if (p->id_context.len > OSCORE_ID_CONTEXT_MAX) {
		why = "the id context has at most 64 bytes";
	} else if (p->sender.len > alg->nonce_len - 6u || p->recipient.len > alg->nonce_len - 6u) {
		why = "sender and recipient id are too long for this algorithm";
		r = LGW_ETOOBIG;
	} else if (p->sender.len == p->recipient.len &&
		   !memcmp(p->sender.p, p->recipient.p, p->sender.len)) {
		why = "sender and recipient id are the same";
	}
	if (!why)
		return LGW_OK;
	snprintf(text, size, "%s", why);
	return r;
}

static struct oscore_bytes dup(struct oscore_bytes b)
{
	/* Never NULL, so that comparing and copying need no care. */
	return (struct oscore_bytes){ b.len ? xmemdup(b.p, b.len) : xcalloc(1, 1), b.len };
}

static void drop(struct oscore_bytes *b)
{
	mem_wipe((void *)(uintptr_t)b->p, b->len);
	free((void *)(uintptr_t)b->p);
}

/* Keys of its own from the same material: nothing about the secret can be told from it. */
static int name(struct oscore_cred *c)
{
	const struct oscore_params *p = &c->p;
	uint8_t info[4 + 2 * OSCORE_ID_MAX + OSCORE_ID_CONTEXT_MAX];
	struct wr w = wr_of(info, sizeof(info));

	wr_u8(&w, (uint8_t)c->alg->id);
	wr_u8(&w, (uint8_t)p->sender.len);
	wr_bytes(&w, p->sender.p, p->sender.len);
	wr_u8(&w, (uint8_t)p->recipient.len);
	wr_bytes(&w, p->recipient.p, p->recipient.len);
	wr_u8(&w, p->has_id_context);
	wr_bytes(&w, p->id_context.p, p->id_context.len);
	return hkdf(&(struct hkdf_input){ c->digest, p->secret.p, p->salt.p, info, p->secret.len,
			    p->salt.len, w.len },
		c->name, sizeof(c->name));
}

int oscore_cred_new(
	const struct oscore_params *p, const struct oscore_cred **out, char *text, size_t size)
{
	struct oscore_params q = *p;
	struct oscore_cred *c;
	int r;

	q.aead = q.aead ? q.aead : AEAD_CCM_16_64_128;
	q.hkdf = q.hkdf ? q.hkdf : HKDF_SHA256;
	r = check(&q, aead_alg(q.aead), text, size);
	if (r)
		return r;
	c = xcalloc(1, sizeof(*c));
	c->p = q;
	c->p.secret = dup(p->secret);
	c->p.salt = dup(p->salt);
	c->p.sender = dup(p->sender);
	c->p.recipient = dup(p->recipient);
	c->p.id_context = dup(p->id_context);
	c->alg = aead_alg(q.aead);
	c->digest = hkdf_digest(q.hkdf);
	c->refs = 1;
	r = name(c);
	if (r) {
		snprintf(text, size, "key derivation failed");
		oscore_cred_unref(c);
		return r;
	}
	*out = c;
	return LGW_OK;
}

const struct oscore_cred *oscore_cred_ref(const struct oscore_cred *c)
{
	if (c)
		((struct oscore_cred *)(uintptr_t)c)->refs++;
	return c;
}

void oscore_cred_unref(const struct oscore_cred *cc)
{
	struct oscore_cred *c = (struct oscore_cred *)(uintptr_t)cc;

	if (!c || --c->refs)
		return;
	drop(&c->p.secret);
	drop(&c->p.salt);
	drop(&c->p.sender);
	drop(&c->p.recipient);
	drop(&c->p.id_context);
	mem_wipe(c, sizeof(*c));
	free(c);
}

bool oscore_cred_eq(const struct oscore_cred *a, const struct oscore_cred *b)
{
	if (!a || !b)
		return a == b;
	return a->p.hkdf == b->p.hkdf && a->p.rederive == b->p.rederive &&
	       a->p.since_ms == b->p.since_ms && !memcmp(a->name, b->name, sizeof(a->name));
}
