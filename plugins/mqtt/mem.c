/* SPDX-License-Identifier: BSD-3-Clause */
#include "mem.h"

#include <stdlib.h>
#include <string.h>

static void *sure(void *p)
{
	if (!p)
		abort();
	return p;
}

void *mem_zero(size_t n, size_t size)
{
	return sure(calloc(n ? n : 1, size));
}

void *mem_grow(void *p, size_t n, size_t size)
{
	return sure(reallocarray(p, n, size));
}

char *mem_dup(const char *s)
{
	return s ? mem_dupn(s, strlen(s)) : NULL;
}

char *mem_dupn(const char *s, size_t len)
{
	char *copy = mem_zero(len + 1, 1);

	if (len)
		memcpy(copy, s, len);
	return copy;
}

void mem_wipe(char *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret, strlen(secret));
	free(secret);
}
