/* SPDX-License-Identifier: BSD-3-Clause */
#include "coap/block.h"

#include "util/err.h"

uint8_t coap_block_szx(size_t size)
{
	uint8_t szx = COAP_SZX_MAX;

	while (szx && coap_block_size(szx) > size)
		szx--;
	return szx;
}

bool coap_block_get(const struct coap_msg *m, uint16_t num, struct coap_block *b)
{
	uint32_t v = coap_opt_uint(m, num, 0);

	b->num = v >> 4;
	b->more = v & 8;
	b->szx = v & 7;
	return coap_opt_find(m, num) != NULL;
}

int coap_block_add(struct coap_msg *m, uint16_t num, const struct coap_block *b)
{
	if (b->num > COAP_NUM_MAX)
		return LGW_ETOOBIG;
	return coap_add_uint(m, num, b->num << 4 | (b->more ? 8u : 0) | b->szx);
}
