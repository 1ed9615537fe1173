/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OSCORE in a session (RFC 8613 §8): between the message layer, which sees only what is protected,
 * and requests and answers, which never do. Of a session with OSCORE everything is protected but
 * empty messages, signals, and the error answers of §8.2.
 */
#include <stdlib.h>
#include <string.h>
#include "coap/opt.h"
#include "session/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("session");

/* One for the process, from the first use on. */
struct secure {
	struct aead *aead;
	uint8_t seal[SCRATCH_BYTES]; /* of a message that goes out */
	uint8_t open[SCRATCH_BYTES]; /* of the one that came in */
};

static struct secure *secure_of(struct session *s)
{
	struct session_pools *p = s->env->pools;

	if (!p->secure) {
		p->secure = xcalloc(1, sizeof(*p->secure));
		p->secure->aead = aead_new();
	}
	return p->secure;
}

void secure_free(struct secure *x)
{
	if (!x)
		return;
	aead_free(x->aead);
	free(x);
}

int secure_protect(struct session *s, const struct coap_msg *in, struct oscore_bind *bind,
	struct coap_msg *out)
{
	struct secure *x = secure_of(s);
	struct wr w = wr_of(x->seal, sizeof(x->seal));

	return coap_is_request(in->code)
		       ? oscore_protect_request(s->oscore, x->aead, in, bind, &w, out)
		       : oscore_protect_answer(s->oscore, x->aead, in, bind, &w, out);
}

/* The first ones, then ever fewer. */
static void note(struct session *s, const char *what)
{
	s->env->count.unverified++;
	s->unverified++;
	if (!(s->unverified & (s->unverified - 1)))
		log_notice((&(struct log_ctx){ s->endpoint, session_peer(s) }),
			"OSCORE: %s, %u such messages from this peer so far", what, s->unverified);
}

/* Answer m itself with what is ready to go, and again if it is repeated. */
static void answer(struct session *s, const struct coap_msg *m, struct coap_msg *resp)
{
	struct wr w;

	resp->type = m->type == COAP_CON ? COAP_ACK : COAP_NON;
	resp->mid = m->type == COAP_CON ? m->mid : session_next_mid(s);
	resp->tkl = m->tkl;
	memcpy(resp->token, m->token, sizeof(resp->token));
	if (wire_encode(s, resp, NULL, &w))
		return;
	dedup_answer(s, m->mid, w.p, w.len);
	session_send_bytes(s, w.p, w.len);
}

static void refuse(struct session *s, const struct coap_msg *m, uint8_t code, const char *text)
{
	struct coap_msg resp;

	note(s, text);
	coap_msg_init(&resp, COAP_ACK, code);
	coap_add_uint(&resp, COAP_OPT_MAX_AGE, 0);
	resp.payload = (const uint8_t *)text;
	resp.payload_len = strlen(text);
	answer(s, m, &resp);
}

static void challenge(struct session *s, const struct coap_msg *m, struct oscore_bind *bind)
{
	struct secure *x = secure_of(s);
	struct wr w = wr_of(x->seal, sizeof(x->seal));
	struct coap_msg resp;

	if (!oscore_challenge(s->oscore, x->aead, m, bind, &w, &resp))
		answer(s, m, &resp);
}

static void bad_option(struct session *s, const struct coap_msg *m, struct oscore_bind *bind)
{
	struct coap_msg resp, out;

	coap_msg_init(&resp, COAP_ACK, COAP_402);
	if (!secure_protect(s, &resp, bind, &out))
		answer(s, m, &out);
}

bool secure_request(struct session *s, const struct coap_msg *m, struct oscore_bind *bind,
	struct coap_msg *inner)
{
	struct secure *x = secure_of(s);
	struct wr w = wr_of(x->open, sizeof(x->open));

	if (!coap_opt_find(m, COAP_OPT_OSCORE)) {
		refuse(s, m, COAP_401, "Unprotected request");
		return false;
	}
	switch (oscore_unprotect_request(s->oscore, x->aead, m, bind, &w, inner)) {
	case LGW_OK:
		if (!coap_opts_check(inner))
			return true;
		bad_option(s, m, bind);
		return false;
	case OSCORE_UNSURE:
		challenge(s, m, bind);
		return false;
	case OSCORE_UNKNOWN:
		refuse(s, m, COAP_401, "Security context not found");
		return false;
	case OSCORE_REPLAY:
		refuse(s, m, COAP_401, "Replay detected");
		return false;
	case OSCORE_FORGED:
		refuse(s, m, COAP_400, "Decryption failed");
		return false;
	default:
		refuse(s, m, COAP_402, "Failed to decode COSE");
		return false;
	}
}

/* An error answer of the unprotected kind: genuine or not, nobody can tell. */
static enum secure_verdict refused(
	struct session *s, const struct coap_msg *m, const struct oscore_bind *bind, bool again)
{
	char code[8];

	if (m->code != COAP_400 && m->code != COAP_401 && m->code != COAP_402) {
		note(s, "unprotected answer dropped");
		return SECURE_DROP;
	}
	note(s, "the peer cannot read what we send");
	log_debug((&(struct log_ctx){ s->endpoint, session_peer(s) }), "unprotected %s",
		coap_code_text(code, m->code));
	if (m->code == COAP_401 && oscore_stale(s->oscore, bind)) /* there are new keys already */
		return SECURE_AGAIN;
	/* Perhaps it lost its state, or ours went wrong: new keys help both (B.2). While that is
	 * going on another refusal means that the peer does not know how. */
	if ((m->code == COAP_401 && again) || oscore_recovering(s->oscore))
		return oscore_recover(s->oscore) ? SECURE_DELIVER : SECURE_AGAIN;
	return SECURE_DELIVER;
}

enum secure_verdict secure_answer(struct session *s, const struct coap_msg *m,
	const struct oscore_bind *bind, bool again, struct coap_msg *inner)
{
	struct secure *x = secure_of(s);
	struct wr w = wr_of(x->open, sizeof(x->open));
	int r;

	if (!coap_opt_find(m, COAP_OPT_OSCORE)) {
		*inner = *m;
		return refused(s, m, bind, again);
	}
	r = oscore_unprotect_answer(s->oscore, x->aead, m, bind, &w, inner);
	if (r < 0 || coap_opts_check(inner)) {
		note(s, "an answer that is not genuine dropped");
		return SECURE_DROP;
	}
	return r == LGW_PENDING && inner->code == COAP_401 ? SECURE_AGAIN : SECURE_DELIVER;
}
