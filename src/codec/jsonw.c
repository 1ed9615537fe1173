/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/jsonw.h"

#include "util/hex.h"
#include "util/num.h"

static void escaped(struct wr *w, uint8_t c)
{
	switch (c) {
	case '"':
	case '\\':
		wr_u8(w, '\\');
		wr_u8(w, c);
		break;
	case '\n':
		wr_str(w, "\\n");
		break;
	case '\r':
		wr_str(w, "\\r");
		break;
	case '\t':
		wr_str(w, "\\t");
		break;
	default:
		wr_printf(w, "\\u%04x", c);
	}
}

void jsonw_text(struct wr *w, const void *p, size_t len)
{
	const uint8_t *s = p;
	size_t from = 0;

	wr_u8(w, '"');
	for (size_t k = 0; k < len; k++) {
		if (s[k] >= 0x20 && s[k] != '"' && s[k] != '\\')
			continue;
		wr_bytes(w, s + from, k - from);
		escaped(w, s[k]);
		from = k + 1;
	}
	wr_bytes(w, s ? s + from : s, len - from);
	wr_u8(w, '"');
}

void jsonw_number(struct wr *w, const struct value *v)
{
	char buf[NUM_DOUBLE_MAX];
	int n = value_text(buf, sizeof(buf), v);

	wr_bytes(w, buf, n > 0 ? (size_t)n : 0);
}

void jsonw_seconds(struct wr *w, int64_t ms)
{
	uint64_t all = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
	unsigned rest = (unsigned)(all % 1000);

	if (ms < 0)
		wr_u8(w, '-');
	wr_printf(w, "%llu", (unsigned long long)(all / 1000));
	if (!rest)
		return;
	if (rest % 100 == 0)
		wr_printf(w, ".%u", rest / 100);
	else if (rest % 10 == 0)
		wr_printf(w, ".%02u", rest / 10);
	else
		wr_printf(w, ".%03u", rest);
}

void jsonw_base64(struct wr *w, const void *p, size_t len, bool url)
{
	wr_u8(w, '"');
	base64_write(w, p, len, url);
	wr_u8(w, '"');
}
