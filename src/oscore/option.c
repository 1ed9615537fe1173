/* SPDX-License-Identifier: BSD-3-Clause */
#include "oscore/option.h"

#include "util/err.h"
#include "util/rd.h"

#define FLAG_PIV_LEN     0x07u
#define FLAG_KID         0x08u
#define FLAG_KID_CONTEXT 0x10u

int oscore_option_decode(struct oscore_option *o, const uint8_t *p, size_t len)
{
	struct rd r = rd_of(p, len);
	unsigned flags;

	*o = (struct oscore_option){ .piv = NULL };
	if (!len)
		return LGW_OK;
	flags = rd_u8(&r);
	o->piv_len = flags & FLAG_PIV_LEN;
	/* Without any flag the option would have been empty. */
	if (!flags || flags >> 5 || o->piv_len > OSCORE_PIV_MAX || len > OSCORE_OPTION_MAX)
		return LGW_EINVAL;
	o->piv = rd_bytes(&r, o->piv_len);
	o->has_kid_context = flags & FLAG_KID_CONTEXT;
	if (o->has_kid_context) {
		o->kid_context_len = rd_u8(&r);
		o->kid_context = rd_bytes(&r, o->kid_context_len);
	}
	o->has_kid = flags & FLAG_KID;
	if (o->has_kid) {
		o->kid_len = (uint8_t)rd_left(&r);
		o->kid = rd_bytes(&r, o->kid_len);
	}
	return rd_err(&r) || rd_left(&r) ? LGW_EINVAL : LGW_OK;
}

void oscore_option_encode(struct wr *w, const struct oscore_option *o)
{
	if (!o->piv_len && !o->has_kid && !o->has_kid_context)
		return;
	wr_u8(w, (uint8_t)(o->piv_len | (o->has_kid_context ? FLAG_KID_CONTEXT : 0) |
			   (o->has_kid ? FLAG_KID : 0)));
	wr_bytes(w, o->piv, o->piv_len);
	if (o->has_kid_context) {
		wr_u8(w, o->kid_context_len);
		wr_bytes(w, o->kid_context, o->kid_context_len);
	}
	if (o->has_kid)
		wr_bytes(w, o->kid, o->kid_len);
}
