/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/clients.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "lwm2m/resume.h"
#include "lwm2m/shared.h"
#include "lwm2m/write.h"
#include "lwm2m/written.h"
#include "util/err.h"
#include "util/mem.h"

static uint64_t endpoint_hash(const void *key, uint64_t seed)
{
	return map_hash_str(key, seed);
}

static bool endpoint_match(const void *key, const void *item)
{
	return strcmp(key, ((const struct client *)item)->endpoint) == 0;
}

static const void *endpoint_key(const void *item)
{
	return ((const struct client *)item)->endpoint;
}

static const struct map_ops endpoint_map_ops = { endpoint_hash, endpoint_match, endpoint_key };

struct clients *clients_new(void)
{
	struct clients *cs = xcalloc(1, sizeof(*cs));

	map_init(&cs->by_endpoint, &endpoint_map_ops);
	map_init(&cs->confs, &conf_map_ops);
	map_init(&cs->observations, &observation_map_ops);
	pool_init(&cs->observation_pool, sizeof(struct observation), 0);
	pool_init(&cs->pending_pool, sizeof(struct pending), 0);
	cs->body = wr_grow(BODY_MAX);
	return cs;
}

void clients_free(struct clients *cs)
{
	if (!cs)
		return;
	assert(map_count(&cs->by_endpoint) == 0);
	map_fini(&cs->by_endpoint);
	map_fini(&cs->confs);
	map_fini(&cs->observations);
	pool_fini(&cs->observation_pool);
	pool_fini(&cs->pending_pool);
	wr_fini(&cs->body);
	free(cs);
}

#define BODY_KEPT 16384 /* more than this is not held for the next one */

struct wr *shared_body(struct clients *cs)
{
	if (cs->body.cap > BODY_KEPT)
		wr_fini(&cs->body);
	wr_reset(&cs->body);
	return &cs->body;
}

struct wr *shared_window(struct clients *cs, size_t offset)
{
	struct wr *w = shared_body(cs);

	if (offset < EXCHANGE_PART)
		wr_window(w, 0, 2 * EXCHANGE_PART);
	else
		wr_window(w, offset, EXCHANGE_PART);
	return w;
}

int shared_add(struct client *c)
{
	struct clients *cs = c->env->clients;

	if (map_get(&cs->by_endpoint, c->endpoint))
		return LGW_EEXIST;
	map_put(&cs->by_endpoint, c);
	return LGW_OK;
}

void shared_remove(struct client *c)
{
	map_take(&c->env->clients->by_endpoint, c->endpoint);
}

struct client *clients_find(struct clients *cs, const char *endpoint)
{
	return map_get(&cs->by_endpoint, endpoint);
}

void clients_ending(struct clients *cs)
{
	cs->ending = true;
}

size_t clients_count(const struct clients *cs)
{
	return map_count(&cs->by_endpoint);
}

size_t clients_registered(const struct clients *cs)
{
	return cs->registered;
}

struct client *clients_next(struct clients *cs, size_t *it)
{
	return map_next(&cs->by_endpoint, it);
}

void clients_note_again(struct clients *cs)
{
	struct client *c;
	size_t it = 0;

	while ((c = clients_next(cs, &it))) {
		written_again(c);
		for (struct server *s = c->servers; s; s = s->next)
			resume_again(s);
	}
}

void clients_noted(struct clients *cs)
{
	cs->noted++;
}
