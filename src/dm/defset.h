/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside of a set of definitions, for its loader. */
#ifndef DM_DEFSET_H
#define DM_DEFSET_H

#include "dm/objdef.h"
#include "dm/shape.h"

struct defentry {
	struct objdef def;
	struct objdefs *set;
};

struct objdefs {
	unsigned refs;
	uint64_t digest;        /* of all that was loaded */
	struct defentry **defs; /* ascending by id and version */
	struct defentry **replaced;
	size_t n, nreplaced;
	struct shapes shapes;
};

/* Takes e; one of the same object and version is replaced. */
void defset_add(struct objdefs *s, struct defentry *e);

#endif
