/* SPDX-License-Identifier: BSD-3-Clause */
/* Paths of the data model: /object/instance/resource/resource-instance, any depth from 0 ("/"). */
#ifndef TYPES_PATH_H
#define TYPES_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATH_ID_NONE 65535u /* MAX_ID: never the id of an instance (LwM2M 1.0 §6.3) */

struct path {
	uint16_t id[4];
	uint8_t n; /* ids used, 0..4 */
};

#define PATH_ROOT         ((struct path){ .n = 0 })
#define PATH_OBJ(o)       ((struct path){ { (uint16_t)(o) }, 1 })
#define PATH_INST(o, i)   ((struct path){ { (uint16_t)(o), (uint16_t)(i) }, 2 })
#define PATH_RES(o, i, r) ((struct path){ { (uint16_t)(o), (uint16_t)(i), (uint16_t)(r) }, 3 })
#define PATH_RI(o, i, r, k) \
	((struct path){ { (uint16_t)(o), (uint16_t)(i), (uint16_t)(r), (uint16_t)(k) }, 4 })

/* "/3/0/1" or "/"; canonical decimal only (no leading zeros, signs, empty segments). The leading
 * slash may be missing. LGW_EINVAL otherwise. */
int path_parse(struct path *out, const char *s, size_t len);
#define PATH_TEXT_MAX 25
/* Writes "/3/0/1" into buf[PATH_TEXT_MAX]; returns buf. */
const char *path_text(char *buf, const struct path *p);
int path_cmp(const struct path *a, const struct path *b); /* depth-first order */
bool path_eq(const struct path *a, const struct path *b);
/* Does a contain b (a is a prefix of b, or equal)? */
bool path_contains(const struct path *a, const struct path *b);

#endif
