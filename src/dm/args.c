/* SPDX-License-Identifier: BSD-3-Clause */
#include "dm/args.h"

#include "util/err.h"
#include "util/rd.h"

/* "!" / %x23-26 / %x28-5B / %x5D-7E, and the space that the example in the text has. */
static bool is_char(int c)
{
	return c >= 0x20 && c <= 0x7e && c != '"' && c != '\'' && c != '\\';
}

static void read_value(struct rd *r, struct dm_arg *a)
{
	if (rd_u8(r) != '\'')
		rd_fail(r, LGW_EINVAL);
	a->value = (const char *)r->p;
	while (is_char(rd_peek(r))) {
		rd_u8(r);
		a->len++;
	}
	if (rd_u8(r) != '\'')
		rd_fail(r, LGW_EINVAL);
}

int dm_args_parse(const uint8_t *p, size_t len, struct dm_arg *out, size_t *n)
{
	struct rd r = rd_of(p, len);
	unsigned seen = 0;

	*n = 0;
	while (rd_left(&r)) {
		unsigned digit = rd_u8(&r) - '0';
		struct dm_arg *a;

		if (digit > 9 || seen & 1u << digit)
			return LGW_EINVAL;
		seen |= 1u << digit;
		a = &out[(*n)++];
		*a = (struct dm_arg){ .digit = (uint8_t)digit };
		if (rd_peek(&r) == '=') {
			rd_u8(&r);
			read_value(&r, a);
		}
		if (rd_left(&r) && (rd_u8(&r) != ',' || !rd_left(&r)))
			return LGW_EINVAL;
		if (rd_err(&r))
			return LGW_EINVAL;
	}
	return rd_err(&r);
}
