/* SPDX-License-Identifier: BSD-3-Clause */
#include "batch.h"

#include <stdlib.h>
#include <string.h>
#include "mem.h"

#define BLOCK_BYTES 16000

struct batch_block {
	struct batch_block *next;
	size_t used, size;
	char bytes[];
};

struct lgw_reading *batch_add(struct batch *b)
{
	if (b->n == b->size) {
		b->size = b->size ? b->size * 2 : 64;
		b->r = mem_grow(b->r, b->size, sizeof(*b->r));
	}
	b->r[b->n] = (struct lgw_reading){ 0 };
	return &b->r[b->n++];
}

const char *batch_keep(struct batch *b, const char *s, size_t len)
{
	struct batch_block *block = b->blocks;
	char *copy;

	if (!block || block->size - block->used <= len) {
		size_t size = len < BLOCK_BYTES ? BLOCK_BYTES : len + 1;

		block = mem_zero(1, sizeof(*block) + size);
		block->size = size;
		block->next = b->blocks;
		b->blocks = block;
	}
	copy = block->bytes + block->used;
	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	block->used += len + 1;
	b->bytes += len + 1;
	return copy;
}

/* One block of the usual size stays for the next round. */
void batch_empty(struct batch *b)
{
	struct batch_block *kept = NULL;

	for (struct batch_block *block = b->blocks, *next; block; block = next) {
		next = block->next;
		if (!kept && block->size == BLOCK_BYTES) {
			kept = block;
			kept->next = NULL;
			kept->used = 0;
		} else {
			free(block);
		}
	}
	b->blocks = kept;
	b->n = 0;
	b->bytes = 0;
}

void batch_free(struct batch *b)
{
	batch_empty(b);
	free(b->blocks);
	free(b->r);
	*b = (struct batch){ 0 };
}
