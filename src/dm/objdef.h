/* SPDX-License-Identifier: BSD-3-Clause */
/* Object definitions, loaded from OMA XML files, shared by all clients. */
#ifndef DM_OBJDEF_H
#define DM_OBJDEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "types/value.h"

enum res_ops { RES_R = 1u << 0, RES_W = 1u << 1, RES_E = 1u << 2 };

/* Both ends belong to it. */
struct range {
	double min, max;
};

struct resdef {
	uint16_t id;
	uint8_t ops;  /* RES_*; 0: only bootstrap may write it */
	uint8_t type; /* enum value_type */
	bool multiple, mandatory;
	uint16_t nranges;           /* 0: whatever the type allows */
	const struct range *ranges; /* ascending; of strings and opaque: length in bytes */
	const char *name;
	const char *units; /* or NULL */
};

struct objdef {
	uint16_t id;
	uint8_t ver_major, ver_minor;
	bool multiple, mandatory;
	const char *name;
	const char *urn; /* or NULL */
	uint16_t nres;
	const struct resdef *res; /* ascending by id */
};

/* NULL if the object does not define it. */
const struct resdef *objdef_res(const struct objdef *d, uint16_t rid);
/* By name, spaces and '_' alike, case ignored ("Sensor_Value"); NULL if unknown. */
const struct resdef *objdef_res_by_name(const struct objdef *d, const char *name, size_t len);

/* A set of definitions: several versions of an object side by side. Definitions live as long as
 * the set; a reload makes a new set. */
struct objdefs;
struct objdefs *objdefs_new(void);
struct objdefs *objdefs_ref(struct objdefs *s);
void objdefs_unref(struct objdefs *s);
/* Were both made of the same files, in the same order? Then one will do. */
bool objdefs_same(const struct objdefs *a, const struct objdefs *b);
/* Load one file or all *.xml of a directory (later ones replace equal object and version). No DTD,
 * no external entities, size bounded. Errors name file and line in text. Returns the number of
 * objects loaded or an error; a directory that is missing gives 0. */
int objdefs_load_file(struct objdefs *s, const char *path, char *text, size_t size);
int objdefs_load_dir(struct objdefs *s, const char *dir, char *text, size_t size);
int objdefs_load_mem(
	struct objdefs *s, const char *name, const void *p, size_t len, char *text, size_t size);
/* The newest version, or the given one; NULL if there is none. */
const struct objdef *objdefs_find(const struct objdefs *s, uint16_t oid);
const struct objdef *objdefs_find_version(
	const struct objdefs *s, uint16_t oid, uint8_t major, uint8_t minor);
const struct objdef *objdefs_find_name(const struct objdefs *s, const char *name, size_t len);
/* Walk over all, ascending by id and version: start with *it = 0. */
const struct objdef *objdefs_next(const struct objdefs *s, size_t *it);

#endif
