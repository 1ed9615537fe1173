/* SPDX-License-Identifier: BSD-3-Clause */
/* Pool of objects of one size, in slabs; freed ones are reused, the slabs stay until the end. */
#ifndef UTIL_POOL_H
#define UTIL_POOL_H

#include <stddef.h>

struct pool {
	size_t size; /* of an object */
	size_t max;  /* objects; 0: no limit */
	size_t used, peak;
	void *free_list;
	void *slabs;
};

void pool_init(struct pool *p, size_t size, size_t max);
/* All objects must have been put back. */
void pool_fini(struct pool *p);
/* A zeroed object, or NULL when max are in use. */
void *pool_get(struct pool *p);
void pool_put(struct pool *p, void *obj); /* takes NULL */

#endif
