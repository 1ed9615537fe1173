/* SPDX-License-Identifier: BSD-3-Clause */
/* text/plain: the value of one resource or resource instance (LwM2M 1.0 §6.4.1, Appendix C). */
#include "util/err.h"
#include "codec/formats.h"
#include "util/hex.h"

static int text_can(const struct path *base)
{
	return base->n >= 3 ? LGW_OK : LGW_EACCEPT;
}

static int text_add(struct encoder *e, const struct record *r)
{
	char buf[64];
	int n;

	/* More than one value, or the empty list of a multiple resource, has no text. */
	if (e->count++ || !path_eq(&r->path, &e->base) || r->value.type == VT_NONE)
		return LGW_EACCEPT;
	if (r->value.type == VT_OPAQUE) {
		base64_write(e->w, r->value.u.s.p, r->value.u.s.len, false);
		return LGW_OK;
	}
	if (value_is_bytes(r->value.type)) {
		wr_bytes(e->w, r->value.u.s.p, r->value.u.s.len);
		return LGW_OK;
	}
	n = value_text(buf, sizeof(buf), &r->value);
	if (n < 0)
		return n;
	wr_bytes(e->w, buf, (size_t)n);
	return LGW_OK;
}

static int text_end(struct encoder *e)
{
	return e->count ? LGW_OK : LGW_EACCEPT;
}

static int text_decode(
	const struct path *base, const uint8_t *p, size_t len, record_fn fn, void *ud)
{
	struct record r = { .path = *base };

	if (base->n < 3 || len > UINT32_MAX)
		return LGW_EINVAL;
	r.value.type = VT_RAW_TEXT;
	r.value.u.s.p = p;
	r.value.u.s.len = (uint32_t)len;
	return fn(ud, &r);
}

const struct codec_ops codec_ops_text = {
	.formats = { CF_TEXT, CF_NONE },
	.name = "text",
	.can = text_can,
	.add = text_add,
	.end = text_end,
	.decode = text_decode,
};
