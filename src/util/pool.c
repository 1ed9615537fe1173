/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "util/mem.h"

#define SLAB_BYTES 4000u

/* A free object, and the head of a slab: just the next one. */
struct cell {
	struct cell *next;
};

void pool_init(struct pool *p, size_t size, size_t max)
{
	/* What wants more has a size that is a multiple of it. */
	size_t align = sizeof(struct cell);

	*p = (struct pool){
		.size = (size + align - 1) / align * align,
		.max = max,
	};
}

void pool_fini(struct pool *p)
{
	struct cell *slab = p->slabs, *next;

	assert(p->used == 0);
	for (; slab; slab = next) {
		next = slab->next;
		free(slab);
	}
	p->slabs = p->free_list = NULL;
}

static void add_slab(struct pool *p)
{
	size_t head = _Alignof(max_align_t);
	size_t n = SLAB_BYTES / p->size ? SLAB_BYTES / p->size : 1;
	struct cell *slab = xmalloc(head + n * p->size);
	char *objs = (char *)slab + head;

	slab->next = p->slabs;
	p->slabs = slab;
	while (n--) {
		struct cell *c = (struct cell *)(void *)(objs + n * p->size);

		c->next = p->free_list;
		p->free_list = c;
	}
}

void *pool_get(struct pool *p)
{
	struct cell *c;

	if (p->max && p->used >= p->max)
		return NULL;
	if (!p->free_list)
		add_slab(p);
	c = p->free_list;
	p->free_list = c->next;
	if (++p->used > p->peak)
		p->peak = p->used;
	return memset(c, 0, p->size);
}

void pool_put(struct pool *p, void *obj)
{
	struct cell *c = obj;

	if (!c)
		return;
	c->next = p->free_list;
	p->free_list = c;
	p->used--;
}
