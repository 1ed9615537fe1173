/* SPDX-License-Identifier: BSD-3-Clause */
/* The definitions of the tree's own objects/, once for all inputs; only errors are logged. */
#ifndef FUZZ_DEFINITIONS_H
#define FUZZ_DEFINITIONS_H

#include <stdio.h>
#include <stdlib.h>
#include "dm/objdef.h"
#include "util/log.h"

static inline struct objdefs *definitions(void)
{
	static struct objdefs *defs;
	const char *src = getenv("srcdir");
	char dir[512], text[512];

	if (defs)
		return defs;
	log_reset_levels(LGW_LOG_ERR);
	defs = objdefs_new();
	snprintf(dir, sizeof(dir), "%s/objects", src ? src : ".");
	if (objdefs_load_dir(defs, dir, text, sizeof(text)) <= 0)
		abort();
	return defs;
}

#endif
