/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What instances share: which resources are there (shapes), and texts (blobs). Ten thousand
 * thermometers have one shape, and one copy of "Cel".
 */
#ifndef DM_SHAPE_H
#define DM_SHAPE_H

#include "dm/objdef.h"
#include "util/map.h"

/* A value that is there: of type from its resource's definition. */
union slot {
	int64_t i;
	uint64_t u;
	double f;
	bool b;
	struct {
		uint16_t oid, iid;
	} link;
	struct blob *blob;
};

struct blob {
	uint32_t refs, len;
	uint32_t hash;   /* of those that are shared */
	uint8_t bytes[]; /* and a NUL that len does not count */
};

struct shape_entry {
	const struct resdef *def;
	uint16_t rid, riid; /* riid PATH_ID_NONE: single, or an empty multiple resource */
};
struct shape {
	uint32_t refs;
	uint16_t n;
	uint64_t hash;
	struct shapes *owner;
	struct shape_entry e[];
};

/* The tables; one of each per set of definitions. */
struct shapes {
	struct map shapes, blobs, values;
	struct shape *empty;
};

extern const struct map_ops values_map_ops; /* inst.c */
void shapes_init(struct shapes *s);
void shapes_fini(struct shapes *s);
struct shape *shape_empty(struct shapes *s);
void shape_unref(struct shape *s);
/* The shape with one entry more, or less: a new reference; the old one is given up. */
struct shape *shape_with(struct shape *s, const struct resdef *def, uint16_t riid, unsigned *at);
struct shape *shape_without(struct shape *s, unsigned at);
/* Index of the first entry that is not below (rid, riid); s->n: there is none. */
unsigned shape_from(const struct shape *s, unsigned rid, unsigned riid);
/* Index of an entry, or -1. */
int shape_find(const struct shape *s, uint16_t rid, uint16_t riid);
/* Index of the first entry of a resource, or -1. */
int shape_first(const struct shape *s, uint16_t rid);

/* Short texts are shared. */
struct blob *blob_new(struct shapes *s, const void *p, size_t len);
void blob_unref(struct shapes *s, struct blob *b); /* takes NULL */

/* The set that a definition belongs to, and its tables. */
struct objdefs *objdef_set(const struct objdef *d);
struct shapes *objdef_shapes(const struct objdef *d);

#endif
