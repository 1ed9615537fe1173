/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one place where a device's words become LwM2M: key to path, scale and offset, words of
 * booleans and enumerations, and the way back. Maps are compiled once and shared by all devices.
 */
#ifndef GATEWAY_MAP_H
#define GATEWAY_MAP_H

#include "gateway/params.h"

/* One rule, checked against the definitions. Lives as long as its maps. */
struct map_rule {
	const struct map_entry *entry;
	const struct map_conf *of; /* the map that has the entry */
	const struct objdef *obj;
	const struct resdef *res;
	struct path path;
};

struct mapping; /* one named map, with what it inherits */
struct maps;

/* All maps of the configuration. Errors name map, key and reason in text. params and defs outlive
 * the result. */
struct maps *maps_new(
	const struct gateway_params *p, const struct objdefs *defs, char *text, size_t size);
void maps_free(struct maps *m); /* takes NULL */
/* By name; NULL: the default one. NULL result: there is no such map. */
const struct mapping *maps_find(const struct maps *m, const char *name);
/* The rule of a key: an exact one before a pattern, ours before an inherited one; or NULL, which is
 * said once for each key. */
const struct map_rule *mapping_find(const struct mapping *m, const char *key);
/* A rule that feeds or drives this path; or NULL. */
const struct map_rule *mapping_by_path(const struct mapping *m, const struct path *p, bool writes);
/* All its rules in turn: start with *it = 0; NULL at the end. */
const struct map_rule *mapping_next(const struct mapping *m, size_t *it);

/*
 * A reading's value as its resource has it: words first, then numbers scaled, rounded half away
 * from zero and clamped. LGW_EINVAL when it does not fit: nothing is invented. Texts are borrowed;
 * buf serves a number that becomes a text.
 */
#define MAP_BUF 64
int map_value(
	const struct map_rule *r, const struct lgw_value *in, struct value *out, char buf[MAP_BUF]);
/* A value of a resource as plugins know it, of no map: texts are borrowed. */
struct lgw_value map_plain(const struct value *v);
/* The device's word for a value that a server wrote; the inverse of map_value. */
int map_back(const struct map_rule *r, const struct value *in, struct lgw_value *out);

#endif
