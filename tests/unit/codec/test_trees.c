/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random trees through every format: what was encoded is decoded again, whole; and every part of it
 * that a window keeps is the same part of the whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "codec/codec.h"
#include "util/mem.h"

#define ROUNDS  60
#define RECORDS 600
#define TEXT    700

struct tree {
	uint32_t seed;
	struct path base;
	struct record r[RECORDS];
	uint8_t text[RECORDS][TEXT];
	size_t n, taken;
	bool empties; /* the format tells what is there but empty */
};

/* The same numbers everywhere: a failure names its round. */
static uint32_t rnd(struct tree *t, uint32_t below)
{
	t->seed = t->seed * 1664525u + 1013904223u;
	return (t->seed >> 8) % below;
}

static int64_t any_int(struct tree *t)
{
	uint64_t v = (uint64_t)rnd(t, 1u << 24) << 40 ^ (uint64_t)rnd(t, 1u << 24) << 20 ^
		     rnd(t, 1u << 24);

	return (int64_t)v >> rnd(t, 64);
}

static void bytes(struct tree *t, struct value *v, bool text)
{
	static const char *const pieces[] = { "a", "\"", "\\", "\n", "\x01", "\xc3\xa9", "0",
		"\xf0\x9f\x8c\xa1", " ", "/", "bcdefgh" };
	uint32_t want = rnd(t, 8) ? rnd(t, 12) : rnd(t, TEXT - 8);
	uint8_t *to = t->text[t->n];
	uint32_t len = 0;

	while (len < want) {
		const char *p = pieces[rnd(t, ARRAY_SIZE(pieces))];

		if (text) {
			memcpy(to + len, p, strlen(p));
			len += (uint32_t)strlen(p);
		} else {
			to[len++] = (uint8_t)rnd(t, 256);
		}
	}
	v->u.s.p = to;
	v->u.s.len = len;
}

static struct value any_value(struct tree *t)
{
	static const enum value_type types[] = { VT_STRING, VT_INT, VT_UINT, VT_FLOAT, VT_BOOL,
		VT_OPAQUE, VT_TIME, VT_OBJLNK, VT_CORELNK };
	struct value v = { .type = types[rnd(t, ARRAY_SIZE(types))] };

	switch (v.type) {
	case VT_INT:
	case VT_TIME:
		v.u.i = any_int(t);
		break;
	case VT_UINT:
		v.u.u = (uint64_t)any_int(t);
		break;
	case VT_FLOAT:
		v.u.f = rnd(t, 2) ? (double)any_int(t) / 1024 : (double)rnd(t, 4000) / 8 - 250;
		break;
	case VT_BOOL:
		v.u.b = rnd(t, 2);
		break;
	case VT_OBJLNK:
		v.u.link.oid = (uint16_t)rnd(t, 65536);
		v.u.link.iid = (uint16_t)rnd(t, 65536);
		break;
	default:
		bytes(t, &v, v.type != VT_OPAQUE);
	}
	return v;
}

static void put(struct tree *t, struct path p, bool empty)
{
	if (t->n == RECORDS)
		return;
	t->r[t->n] = (struct record){ .path = p };
	if (!empty)
		t->r[t->n].value = any_value(t);
	t->n++;
}

static uint16_t next_id(struct tree *t, uint32_t *id)
{
	*id += 1 + (rnd(t, 3) ? 0 : rnd(t, 300));
	return (uint16_t)*id;
}

static void resource(struct tree *t, struct path p)
{
	uint32_t id = 0, n = rnd(t, 5);

	if (p.n == 4 || rnd(t, 3)) {
		put(t, p, false);
		return;
	}
	p.n = 4;
	for (uint32_t k = 0; k < n; k++) {
		p.id[3] = next_id(t, &id);
		put(t, p, false);
	}
	if (!n)
		put(t, PATH_RES(p.id[0], p.id[1], p.id[2]), true);
}

static void instance(struct tree *t, struct path p)
{
	uint32_t id = 0, n = rnd(t, 9);

	p.n = 3;
	for (uint32_t k = 0; k < n; k++) {
		p.id[2] = next_id(t, &id);
		resource(t, p);
	}
	if (!n)
		put(t, PATH_INST(p.id[0], p.id[1]), true);
}

static void grow(struct tree *t, uint32_t seed, uint8_t depth)
{
	struct path p = { { (uint16_t)(3300 + seed % 60), 0, 300, 2 }, depth };
	uint32_t id = 0, n;

	t->seed = seed;
	t->n = 0;
	t->base = p;
	n = 1 + rnd(t, 12);
	if (depth == 2)
		instance(t, p);
	else if (depth > 2)
		resource(t, p);
	for (p.n = 2; depth == 1 && n--;) {
		p.id[1] = next_id(t, &id);
		instance(t, p);
	}
}

static int encode(const struct tree *t, const struct codec_ops *ops, struct wr *w)
{
	struct encoder e;
	int r = codec_begin(&e, ops, ops->formats[0], &t->base, w);

	for (size_t k = 0; !r && k < t->n; k++)
		r = codec_add(&e, &t->r[k]);
	return r ? r : codec_end(&e);
}

/* That an instance is empty is told of those of an object, not of the one that was asked for. */
static bool untold(const struct tree *t, const struct record *r)
{
	return r->value.type == VT_NONE && (!t->empties || (t->base.n == 2 && r->path.n == 2));
}

static void pass_untold(struct tree *t)
{
	while (t->taken < t->n && untold(t, &t->r[t->taken]))
		t->taken++;
}

static int compare(void *ud, const struct record *r)
{
	struct tree *t = ud;
	const struct record *want;
	uint8_t scratch[TEXT * 2];
	struct value got;

	pass_untold(t);
	assert_true(t->taken < t->n);
	want = &t->r[t->taken++];
	assert_true(path_eq(&want->path, &r->path));
	if (want->value.type == VT_NONE) {
		assert_int_equal(r->value.type, VT_NONE);
		return 0;
	}
	assert_int_equal(
		value_coerce(&got, &r->value, want->value.type, scratch, sizeof(scratch)), 0);
	assert_true(value_eq(&got, &want->value));
	return 0;
}

static void decoded(struct tree *t, const struct codec_ops *ops, const struct wr *w)
{
	uint8_t *copy = xmemdup(w->p ? w->p : (const uint8_t *)"", w->len ? w->len : 1);

	t->taken = 0;
	t->empties = ops->formats[0] == CF_TLV;
	pass_untold(t);
	if (t->taken < t->n || t->empties) /* a pack without records is none */
		assert_int_equal(ops->decode(&t->base, copy, w->len, compare, t), 0);
	pass_untold(t);
	assert_int_equal(t->taken, t->n);
	free(copy);
}

static void one_window(
	const struct tree *t, const struct codec_ops *ops, const struct wr *whole, size_t at)
{
	size_t size = 16u << (at % 5), from, len;
	struct wr w = wr_grow(1 << 20);
	const uint8_t *p;

	wr_window(&w, at, size);
	assert_int_equal(encode(t, ops, &w), 0);
	assert_int_equal(w.len, whole->len);
	p = wr_kept(&w, &from, &len);
	assert_true(from <= at);
	assert_true(from + len >= (at + size < whole->len ? at + size : whole->len));
	assert_true(from + len <= whole->len);
	assert_memory_equal(p, whole->p + from, len);
	wr_fini(&w);
}

static void through(struct tree *t, int format)
{
	const struct codec_ops *ops = codec_find(format);
	struct wr w = wr_grow(1 << 20);

	if (ops->can(&t->base) || encode(t, ops, &w)) {
		wr_fini(&w); /* text and the like hold one value */
		return;
	}
	decoded(t, ops, &w);
	for (size_t at = 0; at < w.len; at += 1 + rnd(t, 97))
		one_window(t, ops, &w, at);
	wr_fini(&w);
}

static void test_random_trees(void **state)
{
	static const int formats[] = { CF_TEXT, CF_OPAQUE, CF_CBOR, CF_TLV, CF_JSON, CF_SENML_JSON,
		CF_SENML_CBOR };
	struct tree *t = xcalloc(1, sizeof(*t));

	for (uint32_t round = 0; round < ROUNDS; round++)
		for (uint8_t depth = 1; depth <= 4; depth++)
			for (size_t f = 0; f < ARRAY_SIZE(formats); f++) {
				grow(t, round, depth);
				through(t, formats[f]);
			}
	free(t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_trees) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
