/* SPDX-License-Identifier: BSD-3-Clause */
/* Discover, attributes and the list of Register. */
#include "world.h"

#include <string.h>
#include "util/err.h"
#include "util/mem.h"

/* --- discover and attributes ---------------------------------------------------------------- */

static char text[2048];
static int write_link(void *ud, const struct dm_link *l)
{
	char p[PATH_TEXT_MAX], a[256];
	size_t n = strlen(text);

	(void)ud;
	attr_text(a, sizeof(a), &l->attrs);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "%s<%s>%s%s", n ? "," : "",
		path_text(p, &l->path), l->version ? ";ver=" : "", l->version ? l->version : "");
	if (l->dim >= 0)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ";dim=%d", l->dim);
	snprintf(text + n, sizeof(text) - n, "%s", a);
	return 0;
}
static const char *discover(struct dm *dm, uint16_t ssid, struct path p)
{
	text[0] = '\0';
	assert_int_equal(dm_discover(dm, ssid, &p, DM_DEPTH_DEFAULT, write_link, NULL), 0);
	return text;
}
static int attrs(struct dm *dm, uint16_t ssid, struct path p, const char *const *q)
{
	struct attrs_change c = { 0 };

	for (; *q; q++)
		assert_int_equal(attr_parse(&c, *q, strlen(*q)), 0);
	return dm_write_attrs(dm, ssid, &p, &c);
}
#define ATTRS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void attributes_inherit_and_are_each_servers_own(void **state)
{
	struct dm *dm = world_dm(state);
	struct attrs a;

	assert_int_equal(attrs(dm, 1, PATH_OBJ(3), ATTRS("pmin=10")), 0);
	assert_int_equal(attrs(dm, 1, PATH_INST(3, 0), ATTRS("pmax=60")), 0);
	assert_int_equal(attrs(dm, 1, PATH_RES(3, 0, 9), ATTRS("gt=50", "lt=42.2")), 0);
	assert_int_equal(attrs(dm, 2, PATH_RES(3, 0, 9), ATTRS("pmax=300")), 0);
	assert_string_equal(
		discover(dm, 1, PATH_RES(3, 0, 9)), "</3/0/9>;pmin=10;pmax=60;gt=50;lt=42.2");
	assert_string_equal(discover(dm, 2, PATH_RES(3, 0, 9)), "</3/0/9>;pmax=300");
	assert_string_equal(discover(dm, 1, PATH_INST(3, 0)),
		"</3/0>;pmax=60,</3/0/0>,</3/0/6>;dim=2,</3/0/9>;gt=50;lt=42.2,</3/0/11>;dim=1,"
		"</3/0/16>");
	assert_string_equal(discover(dm, 1, PATH_OBJ(3)),
		"</3>;pmin=10,</3/0>,</3/0/0>,</3/0/6>,</3/0/9>,</3/0/11>,</3/0/16>");
	assert_string_equal(discover(dm, 1, PATH_RES(3, 0, 6)),
		"</3/0/6>;dim=2;pmin=10;pmax=60,</3/0/6/0>,</3/0/6/1>");
	assert_int_equal(attrs(dm, 1, PATH_RES(3, 0, 9), ATTRS("pmin=3", "gt")), 0);
	dm_attrs_effective(dm, 1, &PATH_RES(3, 0, 9), &a);
	assert_int_equal(a.set, ATTR_PMIN | ATTR_PMAX | ATTR_LT);
	assert_int_equal(a.pmin, 3);
	dm_attrs_drop(dm, 1);
	dm_attrs_effective(dm, 1, &PATH_RES(3, 0, 9), &a);
	assert_int_equal(a.set, 0);
}

static void attributes_must_fit_together(void **state)
{
	struct dm *dm = world_dm(state);
	struct path p = PATH_RES(3, 0, 9);

	assert_int_equal(attrs(dm, 1, p, ATTRS("lt=5", "gt=5")), LGW_EINVAL);
	assert_int_equal(attrs(dm, 1, p, ATTRS("lt=1", "gt=5")), 0);
	assert_int_equal(attrs(dm, 1, p, ATTRS("st=2")), LGW_EINVAL);
	assert_int_equal(attrs(dm, 1, p, ATTRS("st=1.5")), 0);
	assert_int_equal(attrs(dm, 1, p, ATTRS("lt=3")), LGW_EINVAL);
	assert_int_equal(attrs(dm, 1, p, ATTRS("pmin=9", "pmax=3")), 0);
	assert_int_equal(attrs(dm, 1, p, ATTRS("epmin=9", "epmax=9")), LGW_EINVAL);
	assert_string_equal(discover(dm, 1, p), "</3/0/9>;pmin=9;pmax=3;gt=5;lt=1;st=1.5");
	assert_int_equal(attrs(dm, 1, PATH_INST(3, 0), ATTRS("gt=5")), LGW_EINVAL);
	assert_int_equal(attrs(dm, 1, PATH_RES(3, 0, 0), ATTRS("gt=5")), LGW_EINVAL);
	assert_int_equal(attrs(dm, 1, PATH_RES(1, 0, 8), ATTRS("pmin=5")), LGW_EOP);
	assert_int_equal(attrs(dm, 1, PATH_RES(3, 0, 9), ATTRS("lt=-5", "gt=-1", "st")), 0);
}

/* What comes from above when it is unset here must fit as well. */
static void attributes_unset_must_fit_together(void **state)
{
	struct dm *dm = world_dm(state);
	struct path p = PATH_RI(3, 0, 11, 0);

	assert_int_equal(attrs(dm, 1, PATH_RES(3, 0, 11), ATTRS("gt=10", "epmax=5")), 0);
	assert_int_equal(attrs(dm, 1, p, ATTRS("gt=20", "lt=15", "epmin=6", "epmax=7")), 0);
	assert_int_equal(attrs(dm, 1, p, ATTRS("gt")), LGW_EINVAL);
	assert_int_equal(attrs(dm, 1, p, ATTRS("epmax")), LGW_EINVAL);
	assert_string_equal(discover(dm, 1, PATH_RES(3, 0, 11)),
		"</3/0/11>;dim=1;gt=10;epmax=5,</3/0/11/0>;gt=20;lt=15;epmin=6;epmax=7");
	assert_int_equal(attrs(dm, 1, p, ATTRS("gt", "lt", "epmin", "epmax")), 0);
}

static void the_list_of_register(void **state)
{
	struct dm *dm = world_dm(state);

	text[0] = '\0';
	assert_int_equal(dm_list(dm, write_link, NULL), 0);
	assert_string_equal(text, "</1/0>,</3/0>,</3303>;ver=1.1,</3306>;ver=1.1,</3306/0>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(attributes_inherit_and_are_each_servers_own),
		WORLD(attributes_must_fit_together),
		WORLD(attributes_unset_must_fit_together),
		WORLD(the_list_of_register),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
