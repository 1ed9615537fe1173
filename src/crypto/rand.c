/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/rand.h"

#include <stdlib.h>
#include <openssl/rand.h>

void rand_bytes(void *p, size_t len)
{
	if (len > INT32_MAX || RAND_bytes(p, (int)len) != 1)
		abort();
}

uint16_t rand_u16(void)
{
	uint16_t v;

	rand_bytes(&v, sizeof(v));
	return v;
}

uint32_t rand_stock_below(struct rand_stock *r, uint32_t below)
{
	uint32_t limit, v;

	if (below < 2)
		return 0;
	limit = UINT32_MAX - UINT32_MAX % below; /* the part that divides evenly */
	do {
		if (!r->n) {
			rand_bytes(r->v, sizeof(r->v));
			r->n = sizeof(r->v) / sizeof(r->v[0]);
		}
		v = r->v[--r->n];
	} while (v >= limit);
	return v % below;
}

uint32_t rand_below(uint32_t below)
{
	struct rand_stock one = { .n = 0 };

	return rand_stock_below(&one, below);
}
