/* SPDX-License-Identifier: BSD-3-Clause */
/* The set of definitions: several versions of an object side by side. */
#include "dm/objdef.h"

#include <stdlib.h>
#include <string.h>
#include "dm/defset.h"
#include "util/mem.h"

const struct resdef *objdef_res(const struct objdef *d, uint16_t rid)
{
	unsigned lo = 0, hi = d->nres;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (d->res[mid].id == rid)
			return &d->res[mid];
		if (d->res[mid].id < rid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static char fold(char c)
{
	return c == '_' ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool name_eq(const char *name, const char *s, size_t len)
{
	if (strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (fold(name[i]) != fold(s[i]))
			return false;
	return true;
}

const struct resdef *objdef_res_by_name(const struct objdef *d, const char *name, size_t len)
{
	for (unsigned i = 0; i < d->nres; i++)
		if (name_eq(d->res[i].name, name, len))
			return &d->res[i];
	return NULL;
}

static void def_free(struct defentry *e)
{
	for (unsigned i = 0; i < e->def.nres; i++) {
		free((char *)(uintptr_t)e->def.res[i].name);
		free((char *)(uintptr_t)e->def.res[i].units);
		free((struct range *)(uintptr_t)e->def.res[i].ranges);
	}
	free((struct resdef *)(uintptr_t)e->def.res);
	free((char *)(uintptr_t)e->def.name);
	free((char *)(uintptr_t)e->def.urn);
	free(e);
}

struct objdefs *objdefs_new(void)
{
	struct objdefs *s = xcalloc(1, sizeof(*s));

	s->refs = 1;
	shapes_init(&s->shapes);
	return s;
}

struct objdefs *objdefs_ref(struct objdefs *s)
{
	s->refs++;
	return s;
}

void objdefs_unref(struct objdefs *s)
{
	if (!s || --s->refs)
		return;
	for (size_t i = 0; i < s->n; i++)
		def_free(s->defs[i]);
	for (size_t i = 0; i < s->nreplaced; i++)
		def_free(s->replaced[i]);
	free(s->defs);
	free(s->replaced);
	shapes_fini(&s->shapes);
	free(s);
}

bool objdefs_same(const struct objdefs *a, const struct objdefs *b)
{
	return a->digest == b->digest && a->n == b->n;
}

static int order(const struct objdef *a, const struct objdef *b)
{
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->ver_major != b->ver_major)
		return a->ver_major < b->ver_major ? -1 : 1;
	return a->ver_minor == b->ver_minor ? 0 : a->ver_minor < b->ver_minor ? -1 : 1;
}

/* Index of the first one that is not below. */
static size_t lower_bound(const struct objdefs *s, const struct objdef *d)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (order(&s->defs[mid]->def, d) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void defset_add(struct objdefs *s, struct defentry *e)
{
	size_t at = lower_bound(s, &e->def);

	e->set = s;
	if (at < s->n && !order(&s->defs[at]->def, &e->def)) {
		/* Somebody may hold the old one: it lives as long as the set. */
		s->replaced = xreallocarray(s->replaced, s->nreplaced + 1, sizeof(*s->replaced));
		s->replaced[s->nreplaced++] = s->defs[at];
		s->defs[at] = e;
		return;
	}
	s->defs = xreallocarray(s->defs, s->n + 1, sizeof(*s->defs));
	memmove(s->defs + at + 1, s->defs + at, (s->n - at) * sizeof(*s->defs));
	s->defs[at] = e;
	s->n++;
}

const struct objdef *objdefs_find(const struct objdefs *s, uint16_t oid)
{
	size_t at =
		lower_bound(s, &(struct objdef){ .id = oid, .ver_major = 255, .ver_minor = 255 });

	return at && s->defs[at - 1]->def.id == oid ? &s->defs[at - 1]->def : NULL;
}

const struct objdef *objdefs_find_version(
	const struct objdefs *s, uint16_t oid, uint8_t major, uint8_t minor)
{
	struct objdef key = { .id = oid, .ver_major = major, .ver_minor = minor };
	size_t at = lower_bound(s, &key);

	return at < s->n && !order(&s->defs[at]->def, &key) ? &s->defs[at]->def : NULL;
}

const struct objdef *objdefs_find_name(const struct objdefs *s, const char *name, size_t len)
{
	for (size_t i = s->n; i--;)
		if (name_eq(s->defs[i]->def.name, name, len))
			return objdefs_find(s, s->defs[i]->def.id);
	return NULL;
}

const struct objdef *objdefs_next(const struct objdefs *s, size_t *it)
{
	return *it < s->n ? &s->defs[(*it)++]->def : NULL;
}

struct objdefs *objdef_set(const struct objdef *d)
{
	return container_of((struct objdef *)(uintptr_t)d, struct defentry, def)->set;
}

struct shapes *objdef_shapes(const struct objdef *d)
{
	return &objdef_set(d)->shapes;
}
