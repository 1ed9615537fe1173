/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/carrier.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include "transport/ssllink.h"
#include "util/err.h"
#include "util/map.h"
#include "util/mem.h"
#include "util/str.h"

struct carried {
	struct link link;
	struct carrier *carrier;
	LIST_ENTRY(carried) all; /* of the carrier */
	struct carried *same;    /* the next one to the same peer */
	bool open, up;           /* up: its owner knows */
	char peer[LGW_PEER_MAX];
};

struct carrier {
	SLIST_ENTRY(carrier) next;
	const struct lgw_carrier *desc;
	struct link_ops ops, secure; /* in the clear, and protected over it */
	struct link_env *env;
	struct timers *timers;
	void *state;  /* of the plugin, NULL: it does not run */
	bool says_up; /* the plugin */
	bool up;      /* and its state is here */
	char own[LGW_PEER_MAX];
	LIST_HEAD(, carried) links;
	struct map by_peer; /* the first of each peer */
	struct timer timer; /* links are told from the loop */
};

struct carriers {
	struct link_env *env;
	struct timers *timers;
	SLIST_HEAD(, carrier) list;
};

static struct carried *carried_of(const struct link *l)
{
	return container_of((struct link *)(uintptr_t)l, struct carried, link);
}

/* --- links by peer -------------------------------------------------------------------------- */

static uint64_t peer_hash(const void *key, uint64_t seed)
{
	return map_hash_str(key, seed);
}
static bool peer_match(const void *key, const void *item)
{
	return !strcmp(key, ((const struct carried *)item)->peer);
}
static const void *peer_key(const void *item)
{
	return ((const struct carried *)item)->peer;
}
static const struct map_ops peer_map_ops = { peer_hash, peer_match, peer_key };

static void peer_add(struct carried *d, bool in_front)
{
	struct map *m = &d->carrier->by_peer;
	struct carried *first = map_get(m, d->peer);

	if (first && !in_front) {
		d->same = first->same;
		first->same = d;
		return;
	}
	d->same = first;
	map_put(m, d);
}

static void peer_remove(struct carried *d)
{
	struct map *m = &d->carrier->by_peer;
	struct carried *at = map_get(m, d->peer);

	if (at == d) {
		map_take(m, d->peer);
		if (d->same)
			map_put(m, d->same);
	} else {
		while (at->same != d)
			at = at->same;
		at->same = d->same;
	}
	d->same = NULL;
}

void carrier_prefer(struct link *l)
{
	struct carried *d = carried_of(l);

	peer_remove(d);
	peer_add(d, true);
}

/* --- up and down ---------------------------------------------------------------------------- */

static void tell_later(struct carrier *c)
{
	timer_set(c->timers, &c->timer, timers_now(c->timers));
}

/* One at a time: whoever is told may open, close or free any of them. */
static void tell(struct timer *t, void *ud)
{
	struct carrier *c = ud;
	struct carried *d;

	(void)t;
	LIST_FOREACH(d, &c->links, all)
		if (d->open && d->up != c->up)
			break;
	if (!d)
		return;
	tell_later(c);
	d->up = c->up;
	d->open = c->up; /* one that is down is opened again by its owner */
	d->link.h->event(d->link.ud, c->up ? LINK_UP : LINK_DOWN, c->up ? 0 : LGW_EUNAVAIL);
}

static void settle(struct carrier *c)
{
	c->up = c->says_up && c->state;
	tell_later(c);
}

void carrier_attach(struct carrier *c, void *state)
{
	c->state = state;
	if (!state)
		c->says_up = false;
	settle(c);
}

void carrier_state(struct carrier *c, const struct lgw_carrier_state *state)
{
	c->says_up = state->up;
	c->ops.pause_ms = state->pause_ms;
	settle(c);
	if (!state->own || !strcmp(c->own, state->own))
		return;
	str_copy(c->own, sizeof(c->own), state->own);
	if (c->env->renumbered)
		c->env->renumbered(c->env->renumbered_ud);
}

/* --- the link ------------------------------------------------------------------------------- */

static struct link *carried_make(struct link_env *env, const struct uri *uri,
	const struct cred *cred, const struct link_handler *h, void *ud)
{
	const struct link_ops *ops = carriers_find(env->carriers, uri->scheme);
	struct carrier *c = container_of((struct link_ops *)(uintptr_t)ops, struct carrier, ops);
	struct carried *d;

	if (cred)
		return ssllink_over(env, &c->secure, &c->ops, uri, cred, h, ud);
	if (strlen(uri->host) >= sizeof(d->peer))
		return NULL;
	d = xcalloc(1, sizeof(*d));
	d->link = (struct link){ .ops = ops, .env = env, .h = h, .ud = ud, .unit = c->desc->unit };
	d->carrier = c;
	str_copy(d->peer, sizeof(d->peer), uri->host);
	LIST_INSERT_HEAD(&c->links, d, all);
	peer_add(d, false);
	return &d->link;
}

static int carried_open(struct link *l)
{
	struct carried *d = carried_of(l);

	d->open = true;
	tell_later(d->carrier);
	return LGW_OK;
}

static int carried_send(struct link *l, const void *p, size_t len)
{
	struct carried *d = carried_of(l);
	struct carrier *c = d->carrier;

	if (!d->up || !c->up)
		return LGW_EUNAVAIL;
	if (len > c->desc->mtu)
		return LGW_ETOOBIG;
	l->env->count.tx++;
	l->env->count.tx_bytes += len;
	return c->desc->send(c->state, d->peer, p, len);
}

static void carried_close(struct link *l)
{
	struct carried *d = carried_of(l);

	d->open = d->up = false;
}

static void carried_free(struct link *l)
{
	struct carried *d = carried_of(l);

	peer_remove(d);
	LIST_REMOVE(d, all);
	free(d);
}

static const char *carried_peer(const struct link *l)
{
	return carried_of(l)->peer;
}

int carrier_recv(struct carrier *c, const char *peer, const uint8_t *p, size_t len)
{
	struct link_env *env = c->env;
	struct carried *d = map_get(&c->by_peer, peer);
	struct link *l = d && d->same && env->pick ? env->pick(env->pick_ud, p, len) : NULL;

	if (!d) {
		env->count.foreign++;
		return LGW_ENOENT;
	}
	if (l && l->ops == &c->ops && !strcmp(carried_of(l)->peer, peer))
		d = carried_of(l);
	env->count.rx++;
	env->count.rx_bytes += len;
	d->link.h->recv(d->link.ud, p, len);
	return LGW_OK;
}

/* --- the list ------------------------------------------------------------------------------- */

static struct carrier *find(const struct carriers *cs, const char *scheme)
{
	struct carrier *c;

	SLIST_FOREACH(c, &cs->list, next)
		if (!strcmp(c->desc->scheme, scheme))
			break;
	return c;
}

struct carrier *carriers_add(struct carriers *cs, const struct lgw_carrier *desc)
{
	struct carrier *c = find(cs, desc->scheme);

	if (c)
		return c;
	c = xcalloc(1, sizeof(*c));
	c->desc = desc;
	c->env = cs->env;
	c->timers = cs->timers;
	c->ops = (struct link_ops){
		.scheme = desc->scheme,
		.shared = true,
		.mtu = desc->mtu,
		.make = carried_make,
		.open = carried_open,
		.send = carried_send,
		.close = carried_close,
		.free = carried_free,
		.peer = carried_peer,
	};
	c->secure = (struct link_ops){
		.scheme = desc->scheme,
		.secure = true,
		.mtu = desc->mtu,
		.open = ssllink_open,
		.send = ssllink_send,
		.close = ssllink_close,
		.free = ssllink_free,
		.rest = ssllink_rest,
		.peer = ssllink_peer,
	};
	map_init(&c->by_peer, &peer_map_ops);
	timer_init(&c->timer, tell, c);
	SLIST_INSERT_HEAD(&cs->list, c, next);
	return c;
}

const struct link_ops *carriers_find(const struct carriers *cs, const char *scheme)
{
	struct carrier *c = find(cs, scheme);

	return c ? &c->ops : NULL;
}

const char *carriers_own(const struct carriers *cs)
{
	struct carrier *c;

	SLIST_FOREACH(c, &cs->list, next)
		if (*c->own)
			return c->own;
	return NULL;
}

struct carriers *carriers_new(struct link_env *env, struct timers *timers)
{
	struct carriers *cs = xcalloc(1, sizeof(*cs));

	cs->env = env;
	cs->timers = timers;
	return cs;
}

void carriers_free(struct carriers *cs)
{
	struct carrier *c;

	if (!cs)
		return;
	while ((c = SLIST_FIRST(&cs->list))) {
		SLIST_REMOVE_HEAD(&cs->list, next);
		timer_del(c->timers, &c->timer);
		map_fini(&c->by_peer);
		free(c);
	}
	free(cs);
}
