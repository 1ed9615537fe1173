/* SPDX-License-Identifier: BSD-3-Clause */
/* What a Bootstrap-Discover answers, as text (LwM2M 1.0 §5.2.7.1, 1.1 §6.1.7.3; case 0). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lwm2m/links.h"
#include "util/err.h"

struct tree {
	struct objdefs *defs;
	struct dm *dm;
	struct wr w;
};

static void put(struct tree *t, struct path p, struct value v)
{
	assert_int_equal(dm_set(t->dm, &p, &v, 0), 0);
}

/* A bootstrap account in /0/1, a server in /0/0 and /1/0, objects 3 and 3303. */
static int setup(void **state)
{
	static const uint16_t oids[] = { 0, 1, 3, 3303 };
	const char *src = getenv("srcdir");
	struct tree *t = calloc(1, sizeof(*t));
	char dir[512], text[512];

	*state = t;
	t->defs = objdefs_new();
	t->dm = dm_new(NULL, NULL);
	t->w = wr_grow(4096);
	snprintf(dir, sizeof(dir), "%s/objects", src ? src : ".");
	assert_true(objdefs_load_dir(t->defs, dir, text, sizeof(text)) > 0);
	for (size_t k = 0; k < sizeof(oids) / sizeof(oids[0]); k++)
		assert_int_equal(
			dm_object_add(t->dm, objdefs_find(t->defs, oids[k]), NULL, NULL), 0);
	assert_int_equal(dm_instance_add(t->dm, 0, 0), 0);
	assert_int_equal(dm_instance_add(t->dm, 0, 1), 1);
	assert_int_equal(dm_instance_add(t->dm, 1, 0), 0);
	assert_int_equal(dm_instance_add(t->dm, 3, 0), 0);
	put(t, PATH_RES(0, 0, 0), VALUE_STR("coaps://h.example/\"a,b\""));
	put(t, PATH_RES(0, 0, 10), VALUE_INT(101));
	put(t, PATH_RES(0, 1, 0), VALUE_STR("coap://bs.example"));
	put(t, PATH_RES(0, 1, 1), VALUE_BOOL(true));
	put(t, PATH_RES(1, 0, 0), VALUE_INT(101));
	return 0;
}

static int teardown(void **state)
{
	struct tree *t = *state;

	wr_fini(&t->w);
	dm_free(t->dm);
	objdefs_unref(t->defs);
	free(t);
	return 0;
}

static int without_uri(void *ud, const struct dm_link *l)
{
	struct dm_link plain = *l;

	plain.uri = NULL; /* 1.0 has none */
	return links_put(ud, &plain);
}

static void expect(struct tree *t, const char *version, dm_link_fn fn, const char *want)
{
	struct link_writer lw = { &t->w, 0 };

	wr_reset(&t->w);
	link_enabler(&lw, version);
	assert_int_equal(dm_bootstrap_discover(t->dm, &PATH_ROOT, fn, &lw), 0);
	if (t->w.len != strlen(want) || memcmp(t->w.p, want, t->w.len))
		fail_msg("%.*s", (int)t->w.len, (const char *)t->w.p);
}

static void test_bootstrap_discover(void **state)
{
	expect(*state, "1.0", without_uri,
		"lwm2m=\"1.0\",</0/0>;ssid=101,</0/1>,</1/0>;ssid=101,</3/0>,</3303>;ver=1.1");
	expect(*state, "1.1", links_put,
		"</>;lwm2m=1.1,</0/0>;ssid=101;uri=\"coaps://h.example/\\\"a,b\\\"\","
		"</0/1>;uri=\"coap://bs.example\",</1/0>;ssid=101,</3/0>,</3303>;ver=1.1");
}

/* What was said is understood again. */
static int check(void *ud, const struct weblink *l)
{
	unsigned *seen = ud;

	if (l->path.n == 2 && l->path.id[0] == 0 && l->path.id[1] == 0) {
		assert_int_equal(l->ssid, 101);
		assert_int_equal(l->uri.len, strlen("coaps://h.example/\"a,b\""));
		assert_memory_equal(l->uri.p, "coaps://h.example/\"a,b\"", l->uri.len);
	}
	++*seen;
	return LGW_OK;
}

static void test_understood(void **state)
{
	struct tree *t = *state;
	struct link_writer lw = { &t->w, 0 };
	unsigned seen = 0;

	link_enabler(&lw, "1.1");
	assert_int_equal(dm_bootstrap_discover(t->dm, &PATH_ROOT, links_put, &lw), 0);
	assert_int_equal(link_parse(t->w.p, t->w.len, check, &seen), 0);
	assert_int_equal(seen, 6);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bootstrap_discover, setup, teardown),
		cmocka_unit_test_setup_teardown(test_understood, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
