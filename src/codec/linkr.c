/* SPDX-License-Identifier: BSD-3-Clause */
/* Link format that is read (RFC 6690 §2; LwM2M 1.0 §5.3.1, §5.4.2, 1.1 §6.1.7.3). */
#include <string.h>
#include "codec/link.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/rd.h"

struct reader {
	struct rd rd;
	struct weblink l;
	char text[LINK_TEXT_MAX]; /* values of this link, without their quotes */
	size_t used;
};

static int bad(struct reader *r)
{
	rd_fail(&r->rd, LGW_EINVAL);
	return LGW_EINVAL;
}

static bool next_is(struct reader *r, char c)
{
	if (rd_peek(&r->rd) != c)
		return false;
	rd_u8(&r->rd);
	return true;
}

static void put(struct reader *r, struct link_text *t, uint8_t c)
{
	if (r->used == sizeof(r->text)) {
		bad(r);
		return;
	}
	r->text[r->used++] = (char)c;
	t->len++;
}

/* Up to the closing quote, with what '\' hides. */
static void quoted(struct reader *r, struct link_text *t)
{
	while (!rd_err(&r->rd) && !next_is(r, '"')) {
		next_is(r, '\\');
		put(r, t, rd_u8(&r->rd));
	}
}

static bool bare_char(int c)
{
	return c > ' ' && c < 0x7f && !strchr(",;\"<>\\", c);
}

/* A name ends at '=' too. */
static struct link_text word(struct reader *r, bool name)
{
	struct link_text t = { r->text + r->used, 0 };

	if (!name && next_is(r, '"')) {
		quoted(r, &t);
		return t;
	}
	while (bare_char(rd_peek(&r->rd)) && !(name && rd_peek(&r->rd) == '='))
		put(r, &t, rd_u8(&r->rd));
	if (!t.len)
		bad(r);
	return t;
}

static bool is(const struct link_text *t, const char *s)
{
	return t->len == strlen(s) && !memcmp(t->p, s, t->len);
}

static int attribute(struct weblink *l, const struct link_text *name, const struct link_text *value)
{
	static const char *const names[] = { "pmin", "pmax", "gt", "lt", "st", "epmin", "epmax",
		"con" };
	struct attrs_change c = { .to = l->attrs };
	char text[64];
	struct wr w = wr_of(text, sizeof(text));
	bool known = false;

	for (size_t k = 0; k < ARRAY_SIZE(names); k++)
		known = known || is(name, names[k]);
	if (!known)
		return LGW_OK;
	wr_bytes(&w, name->p, name->len);
	wr_u8(&w, '=');
	wr_bytes(&w, value->p, value->len);
	if (!value->p || !value->len || wr_err(&w) || attr_parse(&c, text, w.len))
		return LGW_EINVAL;
	l->attrs = c.to;
	return LGW_OK;
}

static int text_once(struct link_text *to, const struct link_text *value)
{
	if (to->p || !value->p)
		return LGW_EINVAL;
	*to = *value;
	return LGW_OK;
}

static int number_once(bool said, const struct link_text *value, uint16_t *out)
{
	return said || !value->p ? LGW_EINVAL : num_parse_u16(value->p, value->len, out);
}

static int param(struct weblink *l, const struct link_text *name, const struct link_text *value)
{
	struct {
		const char *name;
		struct link_text *to;
	} texts[] = { { "ver", &l->ver }, { "uri", &l->uri }, { "lwm2m", &l->lwm2m },
		{ "rt", &l->rt }, { "ct", &l->ct } };
	uint16_t n;

	for (size_t k = 0; k < ARRAY_SIZE(texts); k++)
		if (is(name, texts[k].name))
			return text_once(texts[k].to, value);
	if (is(name, "dim")) {
		if (number_once(l->dim >= 0, value, &n))
			return LGW_EINVAL;
		l->dim = n;
		return LGW_OK;
	}
	if (!is(name, "ssid"))
		return attribute(l, name, value);
	if (number_once(l->ssid, value, &n) || !n)
		return LGW_EINVAL;
	l->ssid = n;
	return LGW_OK;
}

/* "name", "name=value" or 'name="value"'. */
static int one_param(struct reader *r)
{
	struct link_text name = word(r, true), value = { NULL, 0 };

	if (next_is(r, '='))
		value = word(r, false);
	return rd_err(&r->rd) ? LGW_EINVAL : param(&r->l, &name, &value);
}

static void target(struct reader *r)
{
	struct weblink *l = &r->l;

	l->target.p = r->text;
	while (!rd_err(&r->rd) && !next_is(r, '>'))
		put(r, &l->target, rd_u8(&r->rd));
	l->is_path = l->target.len && l->target.p[0] == '/' &&
		     !path_parse(&l->path, l->target.p, l->target.len);
}

static int one_link(struct reader *r, bool first, link_fn fn, void *ud)
{
	int status = LGW_OK;

	r->l = (struct weblink){ .dim = -1 };
	r->used = 0;
	if (next_is(r, '<')) {
		target(r);
	} else if (first && rd_peek(&r->rd) == 'l') { /* the head of 1.0 */
		r->l.is_path = true;
		status = one_param(r);
		if (!r->l.lwm2m.p)
			return LGW_EINVAL;
	} else {
		return LGW_EINVAL;
	}
	while (!status && next_is(r, ';'))
		status = one_param(r);
	if (rd_err(&r->rd))
		return rd_err(&r->rd);
	return status ? status : fn(ud, &r->l);
}

int link_parse(const void *p, size_t len, link_fn fn, void *ud)
{
	struct reader r = { .rd = rd_of(p, len) };
	int status = LGW_OK;

	for (unsigned n = 0; !status && rd_left(&r.rd); n++) {
		if (n == LINKS_MAX || (n && (!next_is(&r, ',') || !rd_left(&r.rd))))
			return LGW_EINVAL;
		status = one_link(&r, !n, fn, ud);
	}
	return status;
}
