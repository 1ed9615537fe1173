/* SPDX-License-Identifier: BSD-3-Clause */
/* Link format, both ways (RFC 6690; LwM2M 1.0 §5.3.1, §5.4.2, 1.1 §6.1.7.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "codec/link.h"
#include "util/err.h"
#include "util/mem.h"

static void say(struct link_writer *lw, const char *name, const struct link_text *t, bool quoted)
{
	char value[LINK_TEXT_MAX + 1];

	if (!t->p)
		return;
	memcpy(value, t->p, t->len);
	value[t->len] = '\0';
	link_param(lw, name, value, quoted);
}

/* What was understood, written by the writer. */
static int again(void *ud, const struct weblink *l)
{
	struct link_writer *lw = ud;

	if (l->lwm2m.p && l->lwm2m.len == 3 && !memcmp(l->lwm2m.p, "1.0", 3)) {
		link_enabler(lw, "1.0");
		return LGW_OK;
	}
	if (l->lwm2m.p) {
		link_enabler(lw, "1.1");
		return LGW_OK;
	}
	if (l->is_path) {
		link_add(lw, &l->path);
	} else {
		wr_str(lw->w, lw->count++ ? ",<" : "<");
		wr_bytes(lw->w, l->target.p, l->target.len);
		wr_u8(lw->w, '>');
	}
	say(lw, "rt", &l->rt, true);
	say(lw, "ct", &l->ct, l->ct.p && memchr(l->ct.p, ' ', l->ct.len));
	say(lw, "ver", &l->ver, false);
	if (l->dim >= 0)
		link_param_int(lw, "dim", l->dim);
	if (l->ssid)
		link_param_int(lw, "ssid", l->ssid);
	if (l->uri.p)
		link_param_text(lw, "uri", l->uri.p, l->uri.len);
	link_attrs(lw, &l->attrs);
	return LGW_OK;
}

static int parse(const char *text, size_t len, struct wr *w)
{
	struct link_writer lw = { w, 0 };
	char *copy = xmemdup(text, len ? len : 1); /* of exactly its size */
	int r = link_parse(copy, len, again, &lw);

	free(copy);
	return r;
}

static FILE *vectors(const char *name)
{
	const char *src = getenv("srcdir");
	char file[512];
	FILE *f;

	snprintf(file, sizeof(file), "%s/tests/vectors/link/%s", src ? src : ".", name);
	f = fopen(file, "r");
	assert_non_null(f);
	return f;
}

static void equal(const struct wr *w, const char *text)
{
	if (w->len != strlen(text) || memcmp(w->p, text, w->len))
		fail_msg("%.*s\nis not %s", (int)w->len, (const char *)w->p, text);
}

static void test_examples(void **state)
{
	FILE *f = vectors("examples.txt");
	char line[2][1024];
	struct wr w = wr_grow(4096);
	unsigned n = 0, k = 0;

	(void)state;
	/* Each text is compared when it is known how it is written. */
	while (fgets(line[k], sizeof(line[0]), f)) {
		line[k][strcspn(line[k], "\n")] = '\0';
		if (!strncmp(line[k], "again ", 6)) {
			equal(&w, line[k] + 6);
			wr_reset(&w);
		} else if (!strncmp(line[k], "text ", 5)) {
			if (w.len)
				equal(&w, line[!k] + 5);
			wr_reset(&w);
			assert_int_equal(parse(line[k] + 5, strlen(line[k] + 5), &w), 0);
			n++;
			k = !k;
		}
	}
	fclose(f);
	assert_true(n >= 12);
	wr_fini(&w);
}

static void test_refused(void **state)
{
	FILE *f = vectors("refused.txt");
	char line[1024];
	struct wr w = wr_grow(4096);
	unsigned n = 0;

	(void)state;
	for (; fgets(line, sizeof(line), f); n++) {
		line[strcspn(line, "\n")] = '\0';
		if (parse(line, strlen(line), &w) != LGW_EINVAL)
			fail_msg("%s", line);
	}
	fclose(f);
	assert_true(n > 20);
	wr_fini(&w);
}

static int count(void *ud, const struct weblink *l)
{
	++*(unsigned *)ud;
	return l->ssid == 7 ? LGW_EACCES : LGW_OK;
}

static void test_limits(void **state)
{
	struct wr w = wr_grow(1 << 20);
	unsigned n = 0;

	(void)state;
	for (unsigned k = 0; k < LINKS_MAX; k++)
		wr_str(&w, k ? ",</1>" : "</1>");
	assert_int_equal(link_parse(w.p, w.len, count, &n), 0);
	assert_int_equal(n, LINKS_MAX);
	wr_str(&w, ",</1>");
	assert_int_equal(link_parse(w.p, w.len, count, &n), LGW_EINVAL);
	wr_reset(&w);
	wr_str(&w, "</1>;uri=\"");
	for (unsigned k = 0; k < LINK_TEXT_MAX; k++)
		wr_u8(&w, 'x');
	wr_u8(&w, '"');
	assert_int_equal(link_parse(w.p, w.len, count, &n), LGW_EINVAL);
	/* The taker ends it; an empty text has no links. */
	n = 0;
	assert_int_equal(link_parse("</1>,</2>;ssid=7,</3>", 21, count, &n), LGW_EACCES);
	assert_int_equal(n, 2);
	assert_int_equal(link_parse("", 0, count, &n), 0);
	assert_int_equal(n, 2);
	wr_fini(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_examples),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_limits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
