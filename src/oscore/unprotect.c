/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include "crypto/rand.h"
#include "oscore/protect.h"
#include "oscore/state.h"
#include "util/err.h"
#include "util/mem.h"

/* Class E of the outer message is of no worth, but for Observe (RFC 8613 §8.2, §4.1.3.5). */
static void keep_outer(const struct coap_msg *in, struct coap_msg *out)
{
	for (unsigned i = 0; i < in->nopts; i++)
		if (in->opts[i].num == COAP_OPT_URI_HOST || in->opts[i].num == COAP_OPT_URI_PORT)
			coap_add(out, in->opts[i].num, in->opts[i].val, in->opts[i].len);
}

/* Inner options that belong outside have been put there by a peer that errs, or means ill. */
static bool inner_ok(const struct coap_msg *m)
{
	for (unsigned i = 0; i < m->nopts; i++)
		switch (m->opts[i].num) {
		case COAP_OPT_OSCORE:
		case COAP_OPT_PROXY_URI:
		case COAP_OPT_PROXY_SCHEME:
			return false;
		default:
			break;
		}
	return true;
}

static void drop_option(struct coap_msg *m, uint16_t num)
{
	unsigned keep = 0;

	for (unsigned i = 0; i < m->nopts; i++)
		if (m->opts[i].num != num)
			m->opts[keep++] = m->opts[i];
	m->nopts = (uint8_t)keep;
}

/* Decrypt the payload of in into w and read it as a message. */
static int open_text(struct aead *a, const struct oscore_crypt *x, const struct coap_msg *in,
	struct wr *w, struct coap_msg *out)
{
	size_t tag = x->c->cred->alg->tag_len;
	int r;

	if (in->payload_len <= tag) /* at least a code */
		return OSCORE_MALFORMED;
	wr_reset(w);
	wr_bytes(w, in->payload, in->payload_len);
	if (wr_err(w))
		return OSCORE_MALFORMED;
	r = oscore_crypt(a, x, false, w->p, w->len);
	if (r)
		return r == LGW_EACCES ? OSCORE_FORGED : r;
	coap_msg_init(out, (enum coap_type)in->type, w->p[0]);
	out->mid = in->mid;
	out->tkl = in->tkl;
	memcpy(out->token, in->token, sizeof(out->token));
	if (coap_body_decode(out, w->p + 1, w->len - tag - 1) || !inner_ok(out))
		return OSCORE_MALFORMED;
	keep_outer(in, out);
	return LGW_OK;
}

static uint64_t number(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++)
		v = v << 8 | p[i];
	return v;
}

/* The id context that the peer's keys belong to. */
enum whose { CURRENT, OURS_R2, FOREIGN, UNKNOWN };

static enum whose whose_context(
	const struct oscore *c, const struct oscore_option *o, struct oscore_idctx *id)
{
	const struct oscore_idctx *cur = &c->idctx;

	if (!o->has_kid_context)
		return CURRENT;
	if (cur->n == o->kid_context_len && !memcmp(cur->b, o->kid_context, o->kid_context_len))
		return CURRENT;
	if (!oscore_unwrap(id, o->kid_context, o->kid_context_len))
		return UNKNOWN;
	if (cur->n == id->n && !memcmp(cur->b, id->b, (size_t)id->n))
		return CURRENT;
	return c->asked && id->n > OSCORE_R_BYTES && !memcmp(id->b, c->r2, OSCORE_R_BYTES)
		       ? OURS_R2
		       : FOREIGN;
}

/* A request under keys that are not in use: the peer lost its state (RFC 8613 B.2). */
static int renewed(struct oscore *c, struct aead *a, enum whose whose,
	const struct oscore_idctx *id, struct oscore_crypt *x, const struct coap_msg *in,
	struct wr *w, struct coap_msg *out)
{
	struct oscore_keys k;
	int r = oscore_derive(c->cred, id, &k);

	x->key = k.recv;
	x->iv = k.iv;
	r = r ? r : open_text(a, x, in, w, out);
	if (!r && whose == OURS_R2) {
		oscore_adopt(c, &k, id);
		c->phase = OSCORE_STEADY;
		free(c->asked);
		c->asked = NULL;
		oscore_window_take(&c->window, number(x->piv.p, x->piv.len));
	} else if (!r) {
		free(c->asked);
		c->asked = xmemdup(id, sizeof(*id));
		r = OSCORE_UNSURE;
	}
	mem_wipe(&k, sizeof(k));
	return r == OSCORE_FORGED ? OSCORE_UNKNOWN : r;
}

/* Under the keys in use, with the window (RFC 8613 §7.4, §8.2 and B.1.2). */
static int usual(struct oscore *c, struct aead *a, const struct oscore_crypt *x,
	const struct coap_msg *in, struct wr *w, struct coap_msg *out)
{
	uint64_t seq = number(x->piv.p, x->piv.len);
	const struct coap_opt *echo;
	int r;

	if (c->window.valid && !oscore_window_fits(&c->window, seq))
		return OSCORE_REPLAY;
	r = open_text(a, x, in, w, out);
	if (r)
		return r;
	if (c->window.valid) {
		oscore_window_take(&c->window, seq);
		return LGW_OK;
	}
	echo = coap_opt_find(out, COAP_OPT_ECHO);
	if (!echo || echo->len != sizeof(c->echo) || memcmp(echo->val, c->echo, echo->len)) {
		free(c->asked);
		c->asked = NULL;
		return OSCORE_UNSURE;
	}
	oscore_window_start(&c->window, seq);
	return LGW_OK;
}

int oscore_unprotect_request(struct oscore *c, struct aead *a, const struct coap_msg *in,
	struct oscore_bind *bind, struct wr *w, struct coap_msg *out)
{
	const struct coap_opt *o = coap_opt_find(in, COAP_OPT_OSCORE);
	const struct coap_opt *observe = coap_opt_find(in, COAP_OPT_OBSERVE), *inner;
	const struct oscore_bytes *kid = &c->cred->p.recipient;
	struct oscore_crypt x = {
		.c = c, .key = c->keys.recv, .iv = c->keys.iv, .kid = *kid, .req_kid = *kid
	};
	struct oscore_idctx id;
	struct oscore_option opt;
	enum whose whose;
	int r;

	if (!o || oscore_option_decode(&opt, o->val, o->len) || !opt.has_kid || !opt.piv_len)
		return OSCORE_MALFORMED;
	if (opt.kid_len != kid->len || memcmp(opt.kid, kid->p, kid->len))
		return OSCORE_UNKNOWN;
	whose = whose_context(c, &opt, &id);
	if (whose == UNKNOWN)
		return OSCORE_UNKNOWN;
	*bind = (struct oscore_bind){ .piv_len = opt.piv_len, .fetch = in->code == COAP_FETCH };
	memcpy(bind->piv, opt.piv, opt.piv_len);
	x.piv = x.req_piv = (struct oscore_bytes){ bind->piv, bind->piv_len };
	if (whose == CURRENT)
		r = usual(c, a, &x, in, w, out);
	else
		r = renewed(c, a, whose, &id, &x, in, w, out);
	bind->epoch = c->epoch;
	bind->used = r != LGW_OK; /* of an old request the nonce may have been used before */
	if (r)
		return r;
	if (!coap_is_request(out->code))
		return OSCORE_MALFORMED;
	/* Observe counts when it is inside and the way did not take it away outside. */
	inner = coap_opt_find(out, COAP_OPT_OBSERVE);
	if (inner && (!observe || observe->len != inner->len ||
			     memcmp(observe->val, inner->val, inner->len)))
		drop_option(out, COAP_OPT_OBSERVE);
	return LGW_OK;
}

/* Response #1: the peer wants new keys, and made R2 for them. */
static int offered(struct oscore *c, struct aead *a, const struct oscore_option *opt,
	struct oscore_crypt *x, const struct coap_msg *in, struct wr *w, struct coap_msg *out)
{
	struct oscore_idctx r2, id;
	struct oscore_keys k;
	size_t n1 = c->idctx.n < 0 ? 0 : (size_t)c->idctx.n;
	int r;

	if (!oscore_unwrap(&r2, opt->kid_context, opt->kid_context_len) || !r2.n ||
		!oscore_join(&id, r2.b, (size_t)r2.n, c->idctx.b, n1))
		return OSCORE_MALFORMED;
	r = oscore_derive(c->cred, &id, &k);
	x->key = k.recv;
	x->iv = k.iv;
	r = r ? r : open_text(a, x, in, w, out);
	mem_wipe(&k, sizeof(k));
	r = r ? r : oscore_confirm(c, &r2);
	return r ? r : LGW_PENDING;
}

int oscore_unprotect_answer(struct oscore *c, struct aead *a, const struct coap_msg *in,
	const struct oscore_bind *bind, struct wr *w, struct coap_msg *out)
{
	const struct coap_opt *o = coap_opt_find(in, COAP_OPT_OSCORE);
	const struct oscore_bytes *kid = &c->cred->p.sender;
	struct oscore_bytes req_piv = { bind->piv, bind->piv_len };
	struct oscore_crypt x = { .c = c,
		.key = c->keys.recv,
		.iv = c->keys.iv,
		.kid = *kid,
		.piv = req_piv,
		.req_kid = *kid,
		.req_piv = req_piv };
	struct oscore_idctx id;
	struct oscore_option opt;
	int r;

	if (!o || oscore_option_decode(&opt, o->val, o->len))
		return OSCORE_MALFORMED;
	if (opt.has_kid && (opt.kid_len != c->cred->p.recipient.len ||
				   memcmp(opt.kid, c->cred->p.recipient.p, opt.kid_len)))
		return OSCORE_UNKNOWN;
	if (oscore_stale(c, bind))
		return OSCORE_FORGED;
	if (opt.piv_len) {
		x.kid = c->cred->p.recipient;
		x.piv = (struct oscore_bytes){ opt.piv, opt.piv_len };
	}
	if (whose_context(c, &opt, &id) != CURRENT)
		return offered(c, a, &opt, &x, in, w, out);
	r = open_text(a, &x, in, w, out);
	if (r)
		return r;
	if (coap_is_request(out->code))
		return OSCORE_MALFORMED;
	if (c->phase == OSCORE_CONFIRMING)
		c->phase = OSCORE_STEADY;
	/* It is fresh, since its request was: so is its number (B.1.2). */
	if (!c->window.valid && opt.piv_len)
		oscore_window_start(&c->window, number(opt.piv, opt.piv_len));
	return LGW_OK;
}
