/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The OSCORE option, and what unprotect makes of a message. Input: mode, length of the option, the
 * option, the rest. Mode 0: the rest is a payload as it comes. 1: it is a plain text, which is
 * sealed first, so that also what stands behind a good tag is looked at. 2: as 1, an answer.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "oscore/protect.h"
#include "oscore/state.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int reserve(void *ud, const struct oscore_cred *cred, uint32_t n, uint64_t *first)
{
	(void)cred;
	*first = *(uint64_t *)ud;
	*(uint64_t *)ud += n;
	return LGW_OK;
}

static struct oscore *make(uint64_t *next)
{
	static const struct oscore_ops ops = { reserve };
	struct oscore_params p = { .secret = { (const uint8_t *)"secret", 6 },
		.sender = { (const uint8_t *)"S", 1 },
		.recipient = { (const uint8_t *)"C", 1 } };
	const struct oscore_cred *cred;
	struct oscore *c;
	char text[80];
	int err;

	assert(!oscore_cred_new(&p, &cred, text, sizeof(text)));
	c = oscore_new(cred, &ops, next, &err);
	assert(c);
	oscore_cred_unref(cred);
	oscore_window_reset(&c->window);
	return c;
}

static void option(const uint8_t *p, size_t len)
{
	uint8_t buf[OSCORE_OPTION_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct oscore_option o;

	if (oscore_option_decode(&o, p, len))
		return;
	oscore_option_encode(&w, &o);
	assert(!wr_err(&w) && w.len == len && !memcmp(w.p, p, len));
}

/* As the peer would seal it under its number 5. */
static void seal(struct oscore *c, struct aead *a, bool answer, uint8_t *p, size_t len)
{
	static const uint8_t five = 5;
	struct oscore_bytes piv = { &five, 1 };
	const struct oscore_bytes *kid = answer ? &c->cred->p.sender : &c->cred->p.recipient;
	struct oscore_crypt x = { .c = c,
		.key = c->keys.recv,
		.iv = c->keys.iv,
		.kid = *kid,
		.piv = piv,
		.req_kid = *kid,
		.req_piv = piv };

	assert(!oscore_crypt(a, &x, true, p, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t next = 0;
	size_t n = size > 1 ? data[1] : 0, len;
	struct oscore_bind bind = { .piv = { 5 }, .piv_len = 1 };
	uint8_t *opt, *text, *plain;
	struct coap_msg m, out;
	struct oscore *c;
	struct aead *a;
	struct wr w;

	if (size < 2 || size < 2 + n || size > 4096)
		return 0;
	c = make(&next);
	a = aead_new();
	len = size - 2 - n + (data[0] ? 8 : 0);
	opt = xcalloc(1, n ? n : 1);
	memcpy(opt, data + 2, n);
	text = xcalloc(1, len ? len : 1);
	plain = xmalloc(len ? len : 1);
	w = wr_of(plain, len);
	memcpy(text, data + 2 + n, size - 2 - n);
	if (data[0])
		seal(c, a, data[0] == 2, text, len);
	option(opt, n);
	coap_msg_init(&m, COAP_CON, data[0] == 2 ? COAP_204 : COAP_POST);
	coap_add(&m, COAP_OPT_OSCORE, opt, n);
	m.payload = text;
	m.payload_len = len;
	if (data[0] == 2)
		oscore_unprotect_answer(c, a, &m, &bind, &w, &out);
	else
		oscore_unprotect_request(c, a, &m, &bind, &w, &out);
	free(opt);
	free(text);
	free(plain);
	aead_free(a);
	oscore_free(c);
	return 0;
}
