/* SPDX-License-Identifier: BSD-3-Clause */
/* Bodies in more than one block: which there are, how many, how long, and what they may hold. */
#include "session/state.h"

/* All sessions of the process together; then the oldest transfers give way. */
#define TRANSFER_BYTES_MAX ((size_t)64 << 20)

struct transfer *transfer_find(struct session *s, uint64_t key, uint64_t query, bool out)
{
	struct transfer *t;

	TAILQ_FOREACH_REVERSE(t, &s->transfers, transfer_list, next) /* transfers_max at most */
	if (t->key == key && t->out == out && (!query || t->query == query))
		break;
	return t;
}

void transfer_unlink(struct session *s, struct transfer *t)
{
	TAILQ_REMOVE(&s->transfers, t, next);
	TAILQ_REMOVE(&s->env->pools->transfers_all, t, next_all);
	s->env->pools->transfer_bytes -= t->body.len;
	s->ntransfers--;
}

void transfer_put(struct session *s, struct transfer *t)
{
	wr_fini(&t->body);
	pool_put(&s->env->pools->transfers, t);
}

void transfer_drop(struct session *s, struct transfer *t)
{
	struct body_sink sink;

	if (!t)
		return;
	sink = t->sink;
	transfer_unlink(s, t);
	transfer_put(s, t);
	if (sink.end)
		sink.end(sink.ud, NULL, NULL);
}

struct transfer *transfer_new(struct session *s, uint64_t key, uint64_t query, bool out)
{
	struct transfer *t;

	transfer_drop(s, transfer_find(s, key, query, out));
	while (s->ntransfers && s->ntransfers >= s->params->transfers_max)
		transfer_drop(s, TAILQ_FIRST(&s->transfers));
	t = pool_get(&s->env->pools->transfers);
	t->session = s;
	t->key = key;
	t->query = query;
	t->out = out;
	TAILQ_INSERT_TAIL(&s->transfers, t, next);
	TAILQ_INSERT_TAIL(&s->env->pools->transfers_all, t, next_all);
	s->ntransfers++;
	return t;
}

void transfer_touch(struct session *s, struct transfer *t, size_t more)
{
	struct session_pools *p = s->env->pools;
	struct transfer *old;

	t->expires = session_now(s) + session_exchange_lifetime(s);
	TAILQ_REMOVE(&s->transfers, t, next);
	TAILQ_INSERT_TAIL(&s->transfers, t, next);
	TAILQ_REMOVE(&p->transfers_all, t, next_all);
	TAILQ_INSERT_TAIL(&p->transfers_all, t, next_all);
	p->transfer_bytes += more;
	while (p->transfer_bytes > TRANSFER_BYTES_MAX &&
		(old = TAILQ_FIRST(&p->transfers_all)) != t)
		transfer_drop(old->session, old);
}

void transfer_drop_all(struct session *s)
{
	while (!TAILQ_EMPTY(&s->transfers))
		transfer_drop(s, TAILQ_FIRST(&s->transfers));
}

void transfer_tick(struct session *s)
{
	int64_t now = session_now(s);
	struct transfer *t;

	while ((t = TAILQ_FIRST(&s->transfers)) && t->expires <= now)
		transfer_drop(s, t);
}
