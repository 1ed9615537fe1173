/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/note.h"
#include <stdlib.h>
#include <string.h>
#include "lwm2m/written.h"
#include "store/item.h"
#include "store/store.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"

#define KEY_BYTES  16
#define HEAD_BYTES 16
#define TAKEN_MAX  (4 * WRITTEN_MAX) /* the last write before it was full may have brought many */

/* --- the list ------------------------------------------------------------------------------ */

/* Index of the first one whose key is not below. */
static uint32_t at_least(const struct notes *ns, const struct path *key)
{
	uint32_t lo = 0, hi = ns ? ns->count : 0;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (path_cmp(&ns->n[mid].key, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct note *find(const struct client *c, const struct path *key)
{
	uint32_t k = at_least(c->notes, key);

	return c->notes && k < c->notes->count && path_eq(&c->notes->n[k].key, key)
		       ? &c->notes->n[k]
		       : NULL;
}

const struct note *note_find(const struct client *c, const struct path *key)
{
	return find(c, key);
}

const struct note *note_next(const struct client *c, const struct path *key)
{
	uint32_t k = at_least(c->notes, key);

	if (c->notes && k < c->notes->count && path_eq(&c->notes->n[k].key, key))
		k++;
	return c->notes && k < c->notes->count ? &c->notes->n[k] : NULL;
}

bool note_full(const struct client *c, uint16_t ssid)
{
	const struct notes *ns = c->notes;
	uint32_t share = 0, count = 0;
	size_t bytes = 0;

	for (const struct server *s = c->servers; s; s = s->next)
		share += !s->retiring;
	share = share ? share : 1;
	/* Those of one server are counted where all together are so many. */
	if (!ns || (ns->count < WRITTEN_MAX / share && ns->bytes < WRITTEN_BYTES_MAX / share))
		return false;
	if (ns->count >= WRITTEN_MAX || ns->bytes >= WRITTEN_BYTES_MAX)
		return true;
	for (uint32_t k = 0; k < ns->count; k++)
		if (ns->n[k].kind != NOTE_PIN && ns->n[k].id == ssid) {
			count++;
			bytes += ns->n[k].len;
		}
	return count >= WRITTEN_MAX / share || bytes >= WRITTEN_BYTES_MAX / share;
}

static void release(struct notes *ns, struct note *n)
{
	ns->bytes -= n->len;
	ns->waiting -= n->waits;
	free(n->bytes);
}

static struct note *make(struct client *c, const struct path *key)
{
	struct notes *ns = c->notes = c->notes ? c->notes : xcalloc(1, sizeof(*ns));
	uint32_t k = at_least(ns, key);

	if (k < ns->count && path_eq(&ns->n[k].key, key)) {
		release(ns, &ns->n[k]);
		return &ns->n[k];
	}
	if (ns->count == ns->cap) {
		ns->cap = ns->cap ? ns->cap * 2 : 4;
		ns->n = xreallocarray(ns->n, ns->cap, sizeof(*ns->n));
	}
	memmove(ns->n + k + 1, ns->n + k, (ns->count - k) * sizeof(*ns->n));
	ns->count++;
	return &ns->n[k];
}

static struct note *add(struct client *c, const struct note *n)
{
	struct note *own = make(c, &n->key);

	*own = *n;
	c->notes->bytes += own->len;
	c->notes->waiting += own->waits;
	return own;
}

/* --- as bytes ------------------------------------------------------------------------------ */

static uint64_t hash_of(const uint8_t *p, size_t len)
{
	return map_hash_bytes(p, len, 1);
}

bool note_says(const struct note *n, const struct value *v)
{
	struct wr w = wr_grow(WRITTEN_BYTES_MAX);
	bool same;

	if (!v) /* what was emptied is told as gone */
		return n->kind != NOTE_VALUE;
	if (n->kind != NOTE_VALUE || !v->type)
		return false;
	item_value(&w, v);
	same = !wr_err(&w) && n->len == w.len && n->hash == hash_of(w.p, w.len);
	wr_fini(&w);
	return same;
}

static void store(struct client *c, const struct note *n, const uint8_t *value, size_t len)
{
	uint8_t key[KEY_BYTES];
	struct wr k = wr_of(key, sizeof(key)), v = wr_grow(WRITTEN_BYTES_MAX + HEAD_BYTES);

	item_path(&k, &n->key);
	wr_u8(&v, (uint8_t)n->kind);
	wr_u16(&v, n->oid);
	wr_u16(&v, n->id);
	wr_u64(&v, n->factory);
	if (len)
		wr_bytes(&v, value, len);
	c->env->clients->noted++;
	if (!wr_err(&v))
		store_put(c->env->store, STORE_STATE, c->endpoint, k.p, k.len, v.p, v.len);
	wr_fini(&v);
}

static void unstore(struct client *c, const struct path *key)
{
	uint8_t bytes[KEY_BYTES];
	struct wr k = wr_of(bytes, sizeof(bytes));

	item_path(&k, key);
	c->env->clients->noted++;
	store_del(c->env->store, STORE_STATE, c->endpoint, k.p, k.len);
}

/* --- changes ------------------------------------------------------------------------------- */

void note_put(struct client *c, const struct note *n, const struct value *v)
{
	struct wr w = wr_grow(WRITTEN_BYTES_MAX);
	struct note own = *n;

	own.waits = false;
	own.bytes = NULL;
	own.len = 0;
	if (v && v->type)
		item_value(&w, v);
	if (w.len)
		own.hash = hash_of(w.p, w.len);
	own.len = (uint32_t)w.len;
	if (n->kind == NOTE_KEPT && w.len)
		own.bytes = xmemdup(w.p, w.len);
	add(c, &own);
	store(c, &own, w.p, w.len);
	wr_fini(&w);
}

void note_again(struct client *c, const struct note *n, const struct value *v)
{
	struct wr w = wr_grow(WRITTEN_BYTES_MAX);

	if (!n->bytes && v)
		item_value(&w, v);
	if (n->bytes)
		store(c, n, n->bytes, n->len);
	else
		store(c, n, w.p, w.len);
	wr_fini(&w);
}

void note_settle(struct client *c, const struct path *key)
{
	struct note *n = find(c, key);

	if (!n || !n->waits)
		return;
	n->waits = false;
	c->notes->waiting--;
	if (n->kind == NOTE_KEPT)
		return;
	free(n->bytes);
	n->bytes = NULL;
}

void note_drop(struct client *c, const struct path *key)
{
	struct notes *ns = c->notes;
	uint32_t k = at_least(ns, key), to = k;

	for (; ns && to < ns->count && path_contains(key, &ns->n[to].key); to++) {
		unstore(c, &ns->n[to].key);
		release(ns, &ns->n[to]);
	}
	if (to == k)
		return;
	memmove(ns->n + k, ns->n + to, (ns->count - to) * sizeof(*ns->n));
	ns->count -= to - k;
}

void note_renumber(struct client *c, uint16_t oid, const uint16_t (*ids)[2], size_t n)
{
	struct notes *ns = c->notes;
	uint32_t k = at_least(ns, &PATH_OBJ(oid)), to = k;
	struct note *old;

	while (to < ns->count && ns->n[to].key.id[0] == oid)
		unstore(c, &ns->n[to++].key);
	old = xmemdup(ns->n + k, (to - k) * sizeof(*old));
	memmove(ns->n + k, ns->n + to, (ns->count - to) * sizeof(*ns->n));
	ns->count -= to - k;
	for (uint32_t i = 0; i < to - k; i++) {
		size_t m = 0;

		ns->bytes -= old[i].len;
		ns->waiting -= old[i].waits;
		while (m < n && ids[m][0] != old[i].key.id[1])
			m++;
		if (m == n) {
			free(old[i].bytes);
			continue;
		}
		old[i].key.id[1] = ids[m][1];
		store(c, add(c, &old[i]), old[i].bytes, old[i].bytes ? old[i].len : 0);
	}
	free(old);
}

/* --- the store ----------------------------------------------------------------------------- */

static void take(void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct client *c = ud;
	struct rd r = rd_of(value, len);
	struct note n = { .waits = true };

	n.kind = rd_u8(&r);
	n.oid = rd_u16(&r);
	n.id = rd_u16(&r);
	n.factory = rd_u64(&r);
	if (rd_err(&r) || n.kind > NOTE_PIN || item_path_parse(key, key_len, &n.key) ||
		n.key.n < (n.kind < NOTE_MADE ? 3 : 2) ||
		(c->notes && c->notes->count >= TAKEN_MAX)) {
		store_del(c->env->store, STORE_STATE, c->endpoint, key, key_len);
		return;
	}
	n.len = (uint32_t)rd_left(&r);
	if (n.len) {
		n.bytes = xmemdup(rd_bytes(&r, n.len), n.len);
		n.hash = hash_of(n.bytes, n.len);
	}
	add(c, &n);
}

void note_load(struct client *c)
{
	store_adopt(c->env->store, STORE_STATE, c->endpoint, take, c);
}

void note_fini(struct client *c)
{
	struct notes *ns = c->notes;

	c->notes = NULL;
	for (uint32_t k = 0; ns && k < ns->count; k++)
		free(ns->n[k].bytes);
	if (ns)
		free(ns->n);
	free(ns);
}
