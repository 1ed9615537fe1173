/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/told.h"
#include "util/map.h"

bool told_first(struct told *t, const char *name)
{
	uint64_t h = map_hash_str(name, 0);
	size_t k = 0;

	while (k < t->n && t->names[k] != h)
		k++;
	if (k < t->n || k == TOLD_MAX)
		return false;
	t->names[t->n++] = h;
	return true;
}
