/* SPDX-License-Identifier: BSD-3-Clause */
/* A small client for the tests of this folder: objects 0, 1, 3, 3303 and 3306, one that watches its
 * changes, and one that plays the device behind 1 and 3306. */
#ifndef DM_WORLD_H
#define DM_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "dm/dm.h"
#include "fixture.h"

/* What the hooks told. */
struct seen {
	unsigned values, changes, structures;
	char last[PATH_TEXT_MAX];
};
extern struct seen seen;
extern const struct dm_hooks world_hooks;

/* What the object with behaviour answers, and what it was asked. */
struct dev {
	int check, apply, execute, may;
	struct dm_op *op;
	unsigned checked, committed;
	size_t nchanges;
	size_t nargs;
	char arg[32];
	uint8_t digit;
};
extern struct dev dev;

struct world {
	struct objdefs *defs;
	struct dm *dm;
};
int world_setup(void **state);
int world_teardown(void **state);
#define WORLD(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

static inline struct dm *world_dm(void **state)
{
	return ((struct world *)*state)->dm;
}

void world_set(struct dm *dm, struct path p, struct value v);
int64_t world_int(struct dm *dm, struct path p);
/* A record of text as a server sends it; text NULL: without a value. */
int world_add(struct dm_txn *t, struct path p, const char *text);
struct path world_path(const char *text);

#endif
