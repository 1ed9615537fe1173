/* SPDX-License-Identifier: BSD-3-Clause */
/* application/octet-stream: the bytes of one opaque resource (LwM2M 1.0 §6.4.2). */
#include "util/err.h"
#include "codec/formats.h"

static int opaque_can(const struct path *base)
{
	return base->n >= 3 ? LGW_OK : LGW_EACCEPT;
}

static int opaque_add(struct encoder *e, const struct record *r)
{
	if (e->count++ || !path_eq(&r->path, &e->base) || r->value.type != VT_OPAQUE)
		return LGW_EACCEPT;
	wr_bytes(e->w, r->value.u.s.p, r->value.u.s.len);
	return LGW_OK;
}

static int opaque_end(struct encoder *e)
{
	return e->count ? LGW_OK : LGW_EACCEPT;
}

/* Typed at once: bytes in this format are no integer and no text, whatever their length. */
static int opaque_decode(
	const struct path *base, const uint8_t *p, size_t len, record_fn fn, void *ud)
{
	struct record r = { .path = *base };

	if (base->n < 3 || len > UINT32_MAX)
		return LGW_EINVAL;
	r.value.type = VT_OPAQUE;
	r.value.u.s.p = p;
	r.value.u.s.len = (uint32_t)len;
	return fn(ud, &r);
}

const struct codec_ops codec_ops_opaque = {
	.formats = { CF_OPAQUE, CF_NONE },
	.name = "opaque",
	.can = opaque_can,
	.add = opaque_add,
	.end = opaque_end,
	.decode = opaque_decode,
};
