/* SPDX-License-Identifier: BSD-3-Clause */
/* Id contexts of RFC 8613 Appendix B.2: wrapped as CBOR byte strings, joined, confirmed. */
#include <string.h>
#include "crypto/rand.h"
#include "oscore/cbor.h"
#include "oscore/state.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"

size_t oscore_wrap(uint8_t *out, const uint8_t *p, size_t len)
{
	struct wr w = wr_of(out, len + 2);

	wr_cbor_bytes(&w, p, len);
	return w.len;
}

bool oscore_unwrap(struct oscore_idctx *out, const uint8_t *p, size_t len)
{
	struct rd r = rd_of(p, len);
	unsigned head = rd_u8(&r);
	size_t n = head == (CBOR_BYTES << 5 | 24) ? rd_u8(&r) : head & 31u;

	if (rd_err(&r) || head >> 5 != CBOR_BYTES || (head & 31u) > 24 || rd_left(&r) != n ||
		n > OSCORE_ID_CONTEXT_MAX)
		return false;
	out->n = (int16_t)n;
	if (n)
		memcpy(out->b, rd_bytes(&r, n), n);
	return true;
}

bool oscore_join(
	struct oscore_idctx *out, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen)
{
	struct wr w = wr_of(out->b, sizeof(out->b));

	wr_bytes(&w, a, alen);
	wr_bytes(&w, b, blen);
	out->n = (int16_t)w.len;
	return !wr_err(&w);
}

int oscore_confirm(struct oscore *c, const struct oscore_idctx *r2)
{
	uint8_t r3[OSCORE_R_BYTES];
	struct oscore_idctx id;
	struct oscore_keys k;
	int r;

	rand_bytes(r3, sizeof(r3));
	if (!oscore_join(&id, r2->b, (size_t)r2->n, r3, sizeof(r3)))
		return LGW_ETOOBIG;
	r = oscore_derive(c->cred, &id, &k);
	if (!r) {
		oscore_adopt(c, &k, &id);
		c->phase = OSCORE_CONFIRMING;
	}
	mem_wipe(&k, sizeof(k));
	return r;
}
