/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests seen within EXCHANGE_LIFETIME and their answers (RFC 7252 §4.5). Confirmable GET and
 * FETCH are not kept: they may be done again. One map for the process, found by session and message
 * id.
 */
#include <stdlib.h>
#include <string.h>
#include "session/state.h"
#include "util/mem.h"

static uint64_t hash(const void *key, uint64_t seed)
{
	const struct request_key *k = key;

	return map_hash_u64((uint64_t)(uintptr_t)k->session << 16 ^ k->mid, seed);
}

static bool match(const void *key, const void *item)
{
	const struct request_key *k = key;
	const struct done_request *r = item;

	return r->key.session == k->session && r->key.mid == k->mid;
}

static const void *key_of(const void *item)
{
	return &((const struct done_request *)item)->key;
}

const struct map_ops dedup_map_ops = { hash, match, key_of };

struct done_request *dedup_find(struct session *s, uint16_t mid)
{
	struct request_key k = { s, mid };

	return s->nrequests ? map_get(&s->env->pools->requests_map, &k) : NULL;
}

static void drop(struct session *s, struct done_request *r)
{
	map_take(&s->env->pools->requests_map, &r->key);
	TAILQ_REMOVE(&s->requests, r, next);
	s->nrequests--;
	if (r->bytes != r->small)
		free(r->bytes);
	pool_put(&s->env->pools->requests, r);
}

void dedup_add(struct session *s, uint16_t mid)
{
	struct done_request *r;

	if (s->stream) /* nothing comes twice over a connection */
		return;
	if (s->nrequests >= s->params->dedup_max && !TAILQ_EMPTY(&s->requests))
		drop(s, TAILQ_FIRST(&s->requests));
	r = pool_get(&s->env->pools->requests);
	r->key = (struct request_key){ s, mid };
	r->expires = session_now(s) + session_exchange_lifetime(s);
	TAILQ_INSERT_TAIL(&s->requests, r, next);
	s->nrequests++;
	map_put(&s->env->pools->requests_map, r);
}

void dedup_answer(struct session *s, uint16_t mid, const uint8_t *p, size_t len)
{
	struct done_request *r = dedup_find(s, mid);

	if (!r || r->bytes)
		return;
	r->bytes = len <= sizeof(r->small) ? r->small : xmalloc(len);
	memcpy(r->bytes, p, len);
	r->len = (uint32_t)len;
}

void dedup_drop_all(struct session *s)
{
	while (!TAILQ_EMPTY(&s->requests))
		drop(s, TAILQ_FIRST(&s->requests));
}

void dedup_tick(struct session *s)
{
	int64_t now = session_now(s);

	while (!TAILQ_EMPTY(&s->requests) && TAILQ_FIRST(&s->requests)->expires <= now)
		drop(s, TAILQ_FIRST(&s->requests));
}
