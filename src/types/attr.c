/* SPDX-License-Identifier: BSD-3-Clause */
#include "types/attr.h"

#include <string.h>
#include "util/err.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/wr.h"

/* The one table of attributes: name, bit, where it lives. */
static const struct {
	const char *name;
	unsigned bit;
	size_t offset;
	enum { SECONDS, NUMBER, FLAG } kind;
} table[] = {
	{ "pmin", ATTR_PMIN, offsetof(struct attrs, pmin), SECONDS },
	{ "pmax", ATTR_PMAX, offsetof(struct attrs, pmax), SECONDS },
	{ "gt", ATTR_GT, offsetof(struct attrs, gt), NUMBER },
	{ "lt", ATTR_LT, offsetof(struct attrs, lt), NUMBER },
	{ "st", ATTR_ST, offsetof(struct attrs, st), NUMBER },
	{ "epmin", ATTR_EPMIN, offsetof(struct attrs, epmin), SECONDS },
	{ "epmax", ATTR_EPMAX, offsetof(struct attrs, epmax), SECONDS },
	{ "con", ATTR_CON, offsetof(struct attrs, con), FLAG },
};

static void *field(struct attrs *a, unsigned k)
{
	return (char *)a + table[k].offset;
}

static int parse_value(struct attrs *a, unsigned k, const char *s, size_t len)
{
	void *to = field(a, k);
	int64_t i;
	double d;

	switch (table[k].kind) {
	case SECONDS:
		if (num_parse_i64(s, len, &i) || i < 0 || i > UINT32_MAX)
			return LGW_EINVAL;
		*(int64_t *)to = i;
		break;
	case NUMBER:
		if (num_parse_double(s, len, &d) || (table[k].bit == ATTR_ST && d < 0))
			return LGW_EINVAL;
		*(double *)to = d;
		break;
	case FLAG:
		if (len != 1 || (*s != '0' && *s != '1'))
			return LGW_EINVAL;
		*(uint8_t *)to = *s == '1';
		break;
	}
	a->set |= table[k].bit;
	return LGW_OK;
}

int attr_parse(struct attrs_change *c, const char *s, size_t len)
{
	const char *eq = len ? memchr(s, '=', len) : NULL;
	size_t name_len = eq ? (size_t)(eq - s) : len;

	for (unsigned k = 0; k < ARRAY_SIZE(table); k++) {
		if (strlen(table[k].name) != name_len || memcmp(table[k].name, s, name_len))
			continue;
		if ((c->to.set | c->unset) & table[k].bit)
			return LGW_EINVAL;
		if (eq && name_len + 1 < len)
			return parse_value(&c->to, k, eq + 1, len - name_len - 1);
		c->unset |= table[k].bit;
		return LGW_OK;
	}
	return LGW_EINVAL;
}

int attr_text(char *buf, size_t cap, const struct attrs *a)
{
	struct wr w = wr_of(buf, cap ? cap - 1 : 0);

	for (unsigned k = 0; k < ARRAY_SIZE(table); k++) {
		const void *from = (const char *)a + table[k].offset;
		char num[NUM_DOUBLE_MAX];
		int64_t i;
		double d;

		if (!(a->set & table[k].bit))
			continue;
		wr_printf(&w, ";%s=", table[k].name);
		if (table[k].kind == NUMBER) {
			memcpy(&d, from, sizeof(d));
			wr_bytes(&w, num, num_format_double(num, d));
		} else if (table[k].kind == SECONDS) {
			memcpy(&i, from, sizeof(i));
			wr_printf(&w, "%lld", (long long)i);
		} else {
			wr_printf(&w, "%u", *(const uint8_t *)from);
		}
	}
	if (wr_err(&w) || !cap)
		return LGW_ETOOBIG;
	buf[w.len] = '\0';
	return (int)w.len;
}
