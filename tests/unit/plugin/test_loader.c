/* SPDX-License-Identifier: BSD-3-Clause */
/* What is no plugin is refused with a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "plugin/host.h"

static char text[512];

static const struct lgw_plugin *load(const char *folder, const char *name)
{
	const char *builddir = getenv("builddir") ? getenv("builddir") : ".";
	char dir[4096];

	snprintf(dir, sizeof(dir), "%s/%s/.libs", builddir, folder);
	text[0] = '\0';
	return plugins_load(dir, name, text, sizeof(text));
}

static void refused(const char *name, const char *word)
{
	assert_null(load("tests/unit/plugin", name));
	if (!strstr(text, word))
		fail_msg("\"%s\" does not say \"%s\"", text, word);
}

static void what_is_none(void **state)
{
	(void)state;
	refused("noabi", "another version");
	refused("noname", "another name");
	refused("nothing", "exports no");
	refused("nobody", "nobody.so");
	refused("", "name");
	refused("../plugin/noabi", "name");
	refused("Noabi", "name");
}

static void what_is_one(void **state)
{
	const struct lgw_plugin *p = load("plugins/sim", "sim");

	(void)state;
	if (!p && access("plugins/sim/.libs/sim.so", R_OK))
		skip();
	assert_non_null(p);
	assert_string_equal(p->name, "sim");
	assert_ptr_equal(load("plugins/sim", "sim"), p); /* stays loaded */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(what_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
