/* SPDX-License-Identifier: BSD-3-Clause */
/* The definitions of the tree's own objects/ for tests of this folder and those above. */
#ifndef DM_FIXTURE_H
#define DM_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include "dm/objdef.h"

static inline struct objdefs *fixture_defs(void)
{
	struct objdefs *s = objdefs_new();
	const char *srcdir = getenv("srcdir");
	char dir[4096], text[512] = "";

	snprintf(dir, sizeof(dir), "%s/objects", srcdir ? srcdir : ".");
	if (objdefs_load_dir(s, dir, text, sizeof(text)) <= 0) {
		fprintf(stderr, "no definitions in %s: %s\n", dir, text);
		abort();
	}
	return s;
}

#endif
