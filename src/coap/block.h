/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of the Block1 and Block2 options (RFC 7959 §2.2; SZX 7 is BERT, RFC 8323 §6). */
#ifndef COAP_BLOCK_H
#define COAP_BLOCK_H

#include <stdbool.h>
#include "coap/msg.h"

#define COAP_SZX_MAX  6 /* blocks of 1024 bytes */
#define COAP_SZX_BERT 7 /* counts in 1024 bytes, any number of them in a message */
#define COAP_NUM_MAX  0xfffffu

struct coap_block {
	uint32_t num;
	uint8_t szx;
	bool more;
};

/* Bytes that one NUM counts. */
static inline size_t coap_block_size(uint8_t szx)
{
	return (size_t)16 << (szx > COAP_SZX_MAX ? COAP_SZX_MAX : szx);
}
/* Where the block begins in its body. */
static inline uint64_t coap_block_offset(const struct coap_block *b)
{
	return (uint64_t)b->num * coap_block_size(b->szx);
}
/* The largest SZX whose blocks are not larger than size (16 at least). */
uint8_t coap_block_szx(size_t size);
/* The option num of m; false: there is none. */
bool coap_block_get(const struct coap_msg *m, uint16_t num, struct coap_block *b);
/* LGW_ETOOBIG when NUM is over 20 bits; LGW_ENOMEM. */
int coap_block_add(struct coap_msg *m, uint16_t num, const struct coap_block *b);

#endif
