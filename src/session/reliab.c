/* SPDX-License-Identifier: BSD-3-Clause */
/* Confirmable messages: retransmission with a randomised, doubling pause (RFC 7252 §4.2). */
#include <stdlib.h>
#include <string.h>
#include "session/state.h"
#include "util/err.h"
#include "util/mem.h"

static uint32_t first_interval(const struct session *s)
{
	const struct session_params *p = s->params;
	uint32_t span = p->ack_timeout_ms * (p->ack_random_pct - 100) / 100;

	return p->ack_timeout_ms + rand_stock_below(&s->env->pools->pauses, span + 1);
}

static uint8_t *bytes_of(struct conmsg *c)
{
	return c->len <= SMALL_BYTES ? c->bytes.small : c->bytes.heap;
}

struct conmsg *conmsg_send(struct session *s, const uint8_t *bytes, size_t len, uint16_t mid,
	void (*done)(struct session *s, void *ud, int status), void *ud)
{
	struct conmsg *c = pool_get(&s->env->pools->conmsgs);

	c->len = (uint32_t)len;
	if (len > SMALL_BYTES)
		c->bytes.heap = xmalloc(len);
	memcpy(bytes_of(c), bytes, len);
	c->mid = mid;
	c->done = done;
	c->ud = ud;
	c->interval_ms = first_interval(s);
	c->due = session_now(s) + c->interval_ms;
	TAILQ_INSERT_TAIL(&s->conmsgs, c, next);
	session_send_bytes(s, bytes_of(c), c->len);
	session_arm(s);
	return c;
}

struct conmsg *conmsg_find(struct session *s, uint16_t mid)
{
	struct conmsg *c;

	/* At most one call, one notification and the separate answers under way. */
	TAILQ_FOREACH(c, &s->conmsgs, next)
		if (c->mid == mid)
			break;
	return c;
}

void conmsg_drop(struct session *s, struct conmsg *c)
{
	if (!c)
		return;
	TAILQ_REMOVE(&s->conmsgs, c, next);
	if (c->len > SMALL_BYTES)
		free(c->bytes.heap);
	pool_put(&s->env->pools->conmsgs, c);
}

void conmsg_end(struct session *s, struct conmsg *c, int status)
{
	void (*done)(struct session *, void *, int) = c->done;
	void *ud = c->ud;

	conmsg_drop(s, c);
	if (done)
		done(s, ud, status);
}

void conmsg_tick(struct session *s)
{
	int64_t now = session_now(s);
	struct conmsg *c;

again:
	TAILQ_FOREACH(c, &s->conmsgs, next) {
		if (c->due > now)
			continue;
		if (c->tries >= s->params->max_retransmit) {
			s->env->count.timeouts++;
			conmsg_end(s, c, LGW_ETIMEDOUT);
			if (s->dead)
				return;
			goto again; /* the list may be another one now */
		}
		c->tries++;
		c->interval_ms *= 2;
		c->due = now + c->interval_ms;
		s->env->count.retransmits++;
		session_send_bytes(s, bytes_of(c), c->len);
	}
}
