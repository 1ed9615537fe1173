/* SPDX-License-Identifier: BSD-3-Clause */
#include "oscore/protect.h"

#include <string.h>
#include "crypto/rand.h"
#include "oscore/cbor.h"
#include "oscore/state.h"
#include "util/err.h"
#include "util/mem.h"

bool oscore_stale(const struct oscore *c, const struct oscore_bind *b)
{
	return b->epoch != c->epoch;
}

static uint8_t write_piv(uint8_t *out, uint64_t seq)
{
	uint8_t n = 1;

	while (seq >> 8 * n)
		n++;
	for (unsigned i = 0; i < n; i++)
		out[i] = (uint8_t)(seq >> 8 * (n - 1u - i));
	return n;
}

/* (length of id | id, padded | number, padded) XOR Common IV (RFC 8613 §5.2). */
static void nonce_of(uint8_t *out, const struct oscore_crypt *x, size_t len)
{
	memset(out, 0, len);
	out[0] = (uint8_t)x->kid.len;
	memcpy(out + len - OSCORE_PIV_MAX - x->kid.len, x->kid.p, x->kid.len);
	memcpy(out + len - x->piv.len, x->piv.p, x->piv.len);
	for (size_t i = 0; i < len; i++)
		out[i] ^= x->iv[i];
}

/* Enc_structure around [1, [alg], request_kid, request_piv, h''] (RFC 8613 §5.4). */
static void aad_of(struct wr *w, const struct oscore_crypt *x)
{
	uint8_t ext[32];
	struct wr e = wr_of(ext, sizeof(ext));

	wr_cbor_head(&e, CBOR_ARRAY, 5);
	wr_cbor_head(&e, CBOR_UINT, 1);
	wr_cbor_head(&e, CBOR_ARRAY, 1);
	wr_cbor_head(&e, CBOR_UINT, (size_t)x->c->cred->alg->id);
	wr_cbor_bytes(&e, x->req_kid.p, x->req_kid.len);
	wr_cbor_bytes(&e, x->req_piv.p, x->req_piv.len);
	wr_cbor_bytes(&e, NULL, 0);
	wr_cbor_head(w, CBOR_ARRAY, 3);
	wr_cbor_head(w, CBOR_TEXT, 8);
	wr_str(w, "Encrypt0");
	wr_cbor_bytes(w, NULL, 0);
	wr_cbor_bytes(w, e.p, e.len);
}

int oscore_crypt(struct aead *a, const struct oscore_crypt *x, bool seal, uint8_t *p, size_t len)
{
	const struct aead_alg *alg = x->c->cred->alg;
	uint8_t nonce[AEAD_NONCE_MAX], aad[64];
	struct wr w = wr_of(aad, sizeof(aad));
	struct aead_input in = { alg, x->key, nonce, aad, 0 };

	nonce_of(nonce, x, alg->nonce_len);
	aad_of(&w, x);
	in.aad_len = w.len;
	if (wr_err(&w))
		return LGW_EINTERNAL;
	return seal ? aead_seal(a, &in, p, len - alg->tag_len) : aead_open(a, &in, p, len);
}

/* Read and changed by proxies: these stay outside only (RFC 8613 §4.1.2). */
static bool class_u(uint16_t num)
{
	return num == COAP_OPT_URI_HOST || num == COAP_OPT_URI_PORT || num == COAP_OPT_PROXY_URI ||
	       num == COAP_OPT_PROXY_SCHEME || num == COAP_OPT_OSCORE;
}

/* Code, class E options and payload into w; the rest of the outer message into out. */
static void split(const struct coap_msg *in, struct wr *w, struct coap_msg *out)
{
	bool request = coap_is_request(in->code);
	struct coap_msg inner;

	coap_msg_init(&inner, COAP_CON, in->code);
	inner.payload = in->payload;
	inner.payload_len = in->payload_len;
	for (unsigned i = 0; i < in->nopts; i++) {
		const struct coap_opt *o = &in->opts[i];

		if (class_u(o->num) || o->num == COAP_OPT_OBSERVE)
			coap_add(out, o->num, o->val, o->len);
		/* The order of notifications is that of their numbers, the inner value is empty
		 * (RFC 8613 §4.1.3.5.2). */
		if (o->num == COAP_OPT_OBSERVE && !request)
			coap_add(&inner, o->num, NULL, 0);
		else if (!class_u(o->num))
			coap_add(&inner, o->num, o->val, o->len);
	}
	wr_u8(w, in->code);
	coap_body_encode(w, &inner);
}

/* The plain text of in, sealed, as payload of out, with its option. */
static int wrap(struct aead *a, const struct oscore_crypt *x, const struct oscore_option *opt,
	const struct coap_msg *in, struct wr *w, struct coap_msg *out)
{
	size_t begin = w->len, text;
	int r;

	out->type = in->type;
	out->mid = in->mid;
	out->tkl = in->tkl;
	memcpy(out->token, in->token, sizeof(out->token));
	split(in, w, out);
	wr_space(w, x->c->cred->alg->tag_len);
	text = w->len - begin;
	oscore_option_encode(w, opt);
	if (wr_err(w))
		return LGW_ETOOBIG;
	r = oscore_crypt(a, x, true, w->p + begin, text);
	if (r)
		return r;
	out->payload = w->p + begin;
	out->payload_len = text;
	return coap_add(out, COAP_OPT_OSCORE, w->p + begin + text, w->len - begin - text);
}

int oscore_protect_request(struct oscore *c, struct aead *a, const struct coap_msg *in,
	struct oscore_bind *bind, struct wr *w, struct coap_msg *out)
{
	const struct oscore_bytes *kid = &c->cred->p.sender;
	bool observe = coap_opt_find(in, COAP_OPT_OBSERVE) != NULL;
	uint8_t context[OSCORE_ID_CONTEXT_MAX + 2];
	struct oscore_option opt = { .kid = kid->p, .kid_len = (uint8_t)kid->len, .has_kid = true };
	struct oscore_crypt x = {
		.c = c, .key = c->keys.send, .iv = c->keys.iv, .kid = *kid, .req_kid = *kid
	};
	uint64_t seq;
	int r = oscore_next(c, &seq);

	if (r)
		return r;
	*bind = (struct oscore_bind){ .epoch = c->epoch, .fetch = observe };
	bind->piv_len = write_piv(bind->piv, seq);
	x.piv = x.req_piv = (struct oscore_bytes){ bind->piv, bind->piv_len };
	opt.piv = bind->piv;
	opt.piv_len = bind->piv_len;
	if (c->phase != OSCORE_STEADY) {
		opt.kid_context = context;
		opt.kid_context_len = (uint8_t)oscore_wrap(context, c->idctx.b, (size_t)c->idctx.n);
		opt.has_kid_context = true;
	} else if (c->base && c->idctx.n >= 0) {
		opt.kid_context = c->idctx.b;
		opt.kid_context_len = (uint8_t)c->idctx.n;
		opt.has_kid_context = true;
	}
	coap_msg_init(out, COAP_CON, observe ? COAP_FETCH : COAP_POST);
	return wrap(a, &x, &opt, in, w, out);
}

void oscore_bind_put(const struct oscore_bind *b, struct wr *w)
{
	wr_u8(w, b->fetch);
	wr_bytes(w, b->piv, b->piv_len);
}

int oscore_bind_take(const struct oscore *c, const uint8_t *p, size_t len, struct oscore_bind *out)
{
	if (len < 2 || len > OSCORE_BIND_BYTES || p[0] > 1)
		return LGW_EINVAL;
	*out = (struct oscore_bind){
		.piv_len = (uint8_t)(len - 1), .epoch = c->epoch, .fetch = p[0], .used = true
	};
	memcpy(out->piv, p + 1, len - 1);
	return LGW_OK;
}

int oscore_protect_answer(struct oscore *c, struct aead *a, const struct coap_msg *in,
	struct oscore_bind *bind, struct wr *w, struct coap_msg *out)
{
	uint8_t piv[OSCORE_PIV_MAX];
	struct oscore_option opt = { .piv = NULL };
	struct oscore_crypt x = { .c = c,
		.key = c->keys.send,
		.iv = c->keys.iv,
		.kid = c->cred->p.recipient,
		.piv = { bind->piv, bind->piv_len },
		.req_kid = c->cred->p.recipient,
		.req_piv = { bind->piv, bind->piv_len } };
	uint64_t seq;
	int r;

	/* Each notification has a number of its own, as has a second answer. */
	if (bind->used || oscore_stale(c, bind) || coap_opt_find(in, COAP_OPT_OBSERVE)) {
		r = oscore_next(c, &seq);
		if (r)
			return r;
		opt.piv_len = write_piv(piv, seq);
		opt.piv = piv;
		x.piv = (struct oscore_bytes){ piv, opt.piv_len };
		x.kid = c->cred->p.sender;
	}
	bind->used = true;
	coap_msg_init(out, COAP_ACK, bind->fetch ? COAP_205 : COAP_204);
	return wrap(a, &x, &opt, in, w, out);
}

/* Under R2 | ID1, keys that serve this one message (RFC 8613 B.2, response #1). */
static int answer_r2(struct oscore *c, struct aead *a, const struct coap_msg *in,
	struct oscore_bind *bind, struct wr *w, struct coap_msg *out)
{
	static const uint8_t zero;
	uint8_t context[OSCORE_R_BYTES + 2];
	struct oscore_option opt = {
		.piv = &zero, .piv_len = 1, .kid_context = context, .has_kid_context = true
	};
	struct oscore_idctx id;
	struct oscore_keys k;
	struct oscore_crypt x = { .c = c,
		.key = k.send,
		.iv = k.iv,
		.kid = c->cred->p.sender,
		.piv = { &zero, 1 },
		.req_kid = c->cred->p.recipient,
		.req_piv = { bind->piv, bind->piv_len } };
	int r;

	rand_bytes(c->r2, sizeof(c->r2));
	opt.kid_context_len = (uint8_t)oscore_wrap(context, c->r2, sizeof(c->r2));
	if (!oscore_join(&id, c->r2, sizeof(c->r2), c->asked->b, (size_t)c->asked->n))
		return LGW_ETOOBIG;
	r = oscore_derive(c->cred, &id, &k);
	coap_msg_init(out, COAP_ACK, bind->fetch ? COAP_205 : COAP_204);
	r = r ? r : wrap(a, &x, &opt, in, w, out);
	mem_wipe(&k, sizeof(k));
	return r;
}

int oscore_challenge(struct oscore *c, struct aead *a, const struct coap_msg *in,
	struct oscore_bind *bind, struct wr *w, struct coap_msg *out)
{
	struct coap_msg m;

	coap_msg_answer(&m, (enum coap_type)in->type, COAP_401, in);
	if (c->asked)
		return answer_r2(c, a, &m, bind, w, out);
	coap_add(&m, COAP_OPT_ECHO, c->echo, sizeof(c->echo));
	return oscore_protect_answer(c, a, &m, bind, w, out);
}
