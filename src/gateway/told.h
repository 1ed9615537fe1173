/* SPDX-License-Identifier: BSD-3-Clause */
/* What is worth one line in the journal, and not one for each reading. */
#ifndef GATEWAY_TOLD_H
#define GATEWAY_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOLD_MAX 64

/* Hashes of names; all zeros: none yet. */
struct told {
	size_t n;
	uint64_t names[TOLD_MAX];
};

/* Is this name new? It is not from now on. Beyond TOLD_MAX none is. */
bool told_first(struct told *t, const char *name);

#endif
