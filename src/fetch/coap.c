/* SPDX-License-Identifier: BSD-3-Clause */
/* CoAP over whatever carries it: GET in blocks (RFC 7959), over a session of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "coap/opt.h"
#include "fetch/locator.h"
#include "fetch/state.h"
#include "transport/link.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("fetch");

#define BLOCK_MAX 1024u /* an offset must be a multiple of every block size */

struct coap_fetch {
	struct fetch *f;
	struct session *session;
	struct locator where;
	bool begun; /* of this attempt a block came */
};

/* The ETag of an answer, as text. */
static void tag_of(const struct coap_msg *m, char *buf, size_t size)
{
	const struct coap_opt *o = coap_opt_find(m, COAP_OPT_ETAG);

	*buf = '\0';
	for (size_t k = 0; o && k < o->len && 2 * k + 2 < size; k++)
		snprintf(buf + 2 * k, size - 2 * k, "%02x", o->val[k]);
}

static size_t etag_of(const char *tag, uint8_t out[8])
{
	int n = hex_decode(out, 8, tag, strlen(tag));

	return n > 0 ? (size_t)n : 0;
}

static int on_data(
	void *ud, uint64_t offset, const uint8_t *p, size_t len, const struct coap_msg *resp)
{
	struct coap_fetch *c = ud;
	char tag[20];
	int r = LGW_OK;

	if (!c->begun) {
		tag_of(resp, tag, sizeof(tag));
		r = fetch_begin(c->f, offset, tag);
	}
	c->begun = true;
	if (coap_opt_uint(resp, COAP_OPT_SIZE2, 0) > c->f->p.max)
		r = LGW_ETOOBIG;
	return r ? r : fetch_data(c->f, p, len);
}

static void on_answer(void *ud, int status, const struct coap_msg *resp)
{
	struct coap_fetch *c = ud;
	struct fetch *f = c->f;
	char text[8];

	if (status == LGW_EINCOMPLETE)
		fetch_changed(f);
	if (status) {
		fetch_attempt(f, status == LGW_ETOOBIG || status == LGW_EIO ? status : LGW_EUNAVAIL,
			status != LGW_ETOOBIG && status != LGW_EIO);
		return;
	}
	if (COAP_CODE_CLASS(resp->code) == 2) {
		fetch_attempt(f, LGW_OK, false);
		return;
	}
	log_notice(NULL, "%s: answered with %s", f->shown, coap_code_text(text, resp->code));
	if (f->have && COAP_CODE_CLASS(resp->code) == 4) { /* it may be the offset */
		fetch_changed(f);
		fetch_attempt(f, LGW_ENOENT, true);
	} else {
		fetch_attempt(f, COAP_CODE_CLASS(resp->code) == 4 ? LGW_ENOENT : LGW_EUNAVAIL,
			COAP_CODE_CLASS(resp->code) != 4);
	}
}

static void ask(struct coap_fetch *c)
{
	uint64_t have = c->f->have, from = have ? (have - 1) / BLOCK_MAX * BLOCK_MAX : 0;
	struct coap_msg m;
	uint8_t etag[8];
	size_t etag_len = etag_of(c->f->tag, etag);
	int r;

	coap_msg_init(&m, COAP_CON, COAP_GET);
	r = locator_options(&c->where, &m);
	if (!r && !from)
		r = coap_add_uint(&m, COAP_OPT_SIZE2, 0);
	if (!r)
		r = session_call_from(
			c->session, &m, from, etag, etag_len, on_data, on_answer, c, NULL);
	if (r)
		fetch_attempt(c->f, r == LGW_EUNAVAIL ? r : LGW_EINVAL, r == LGW_EUNAVAIL);
}

static void on_event(void *ud, enum session_event ev, int err)
{
	struct coap_fetch *c = ud;

	if (ev == SESSION_UP)
		ask(c);
	else if (ev == SESSION_DOWN)
		fetch_attempt(c->f, err == LGW_ENOENT ? err : LGW_EUNAVAIL, true);
}

/* Nothing is served here. */
static void on_request(void *ud, struct exchange *x, const struct coap_msg *req)
{
	(void)ud, (void)req;
	exchange_ignore(x);
}

static const struct session_handler handler = { .request = on_request, .event = on_event };

static void stop(struct fetch *f)
{
	struct coap_fetch *c = f->way;

	if (!c)
		return;
	f->way = NULL;
	f->ended = true; /* what the session's end brings is no news */
	session_free(c->session);
	free(c);
}

static int start(struct fetch *f)
{
	const struct link_ops *ops = link_ops_find(f->env->links->ops, f->ops->scheme);
	struct session_security security = { 0 };
	struct coap_fetch *c;
	int r;

	if (!ops || (ops->secure && !f->p.cred))
		return LGW_ENOTSUP;
	c = xcalloc(1, sizeof(*c));
	c->f = f;
	f->way = c;
	security.cred = ops->secure ? f->p.cred : NULL;
	r = locator_parse(&c->where, f->p.uri);
	if (!r)
		c->session = session_new(f->env->sessions, f->env->links, c->where.server,
			&security, f->p.session, &handler, c, &r);
	if (!r) {
		session_bind(c->session, f->interface);
		r = session_open(c->session);
	}
	return r;
}

const struct fetch_ops fetch_ops_coap = { "coap", start, stop };
const struct fetch_ops fetch_ops_coaps = { "coaps", start, stop };
const struct fetch_ops fetch_ops_coap_tcp = { "coap+tcp", start, stop };
const struct fetch_ops fetch_ops_coaps_tcp = { "coaps+tcp", start, stop };
