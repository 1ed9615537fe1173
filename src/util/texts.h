/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Texts that thousands own, and most of them the same ones: one copy of each, counted. An empty
 * table, which is all zeros, owns no memory.
 */
#ifndef UTIL_TEXTS_H
#define UTIL_TEXTS_H

#include "util/map.h"

struct texts {
	struct map map;
};

/* One more owner of this text; NULL stays NULL. */
const char *texts_get(struct texts *t, const char *s);
/* What texts_get gave, with an owner less; takes NULL. */
void texts_put(struct texts *t, const char *s);

#endif
