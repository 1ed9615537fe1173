/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams. What is accepted is written and read back the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "coap/block.h"
#include "coap/msg.h"
#include "coap/opt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct coap_msg *m)
{
	static uint8_t buf[70000];
	struct wr w = wr_of(buf, sizeof(buf));
	struct coap_msg b;

	coap_udp_encode(&w, m);
	if (wr_err(&w))
		return;
	assert(!coap_udp_decode(&b, w.p, w.len));
	assert(b.type == m->type && b.code == m->code && b.mid == m->mid);
	assert(b.tkl == m->tkl && !memcmp(b.token, m->token, m->tkl));
	assert(b.nopts == m->nopts && b.payload_len == m->payload_len);
	for (unsigned k = 0; k < m->nopts; k++)
		assert(b.opts[k].num == m->opts[k].num && b.opts[k].len == m->opts[k].len);
}

/* A block option says the same when it is written again. */
static void blocks(struct coap_msg *m, uint16_t num)
{
	struct coap_block b, a;

	if (!coap_block_get(m, num, &b) || b.num > COAP_NUM_MAX)
		return;
	assert(coap_block_offset(&b) <= (uint64_t)b.num * 1024);
	coap_drop(m, num);
	assert(!coap_opt_find(m, num));
	assert(!coap_block_add(m, num, &b) && coap_block_get(m, num, &a));
	assert(a.num == b.num && a.szx == b.szx && a.more == b.more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coap_msg m;

	if (coap_udp_decode(&m, data, size))
		return 0;
	again(&m);
	if (!coap_opts_check(&m))
		again(&m);
	blocks(&m, COAP_OPT_BLOCK1);
	blocks(&m, COAP_OPT_BLOCK2);
	return 0;
}
