/* SPDX-License-Identifier: BSD-3-Clause */
/* Access Control: right x situation, owners, entries that come and go (LwM2M 1.0 §7.3, E.1.3). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "objects/access.h"
#include "objects/account.h"
#include "fixture.h"
#include "util/err.h"
#include "util/mem.h"

#define ALL15 (DM_R | DM_W | DM_X | DM_D)

struct house {
	struct objdefs *defs;
	struct dm *dm;
	struct objects *o;
	struct obj_env env;
	struct access_grant g[3];
	size_t n;
};

static int on_access(void *ud, uint16_t ssid, const struct path *p, enum dm_right right)
{
	return access_may(((struct house *)ud)->dm, ssid, p, right);
}

static void on_instance(void *ud, uint16_t ssid, const struct path *p, bool there)
{
	struct house *h = ud;

	if (h->o)
		access_instance(h->o, ssid, p, there, h->g, h->n);
}

static const struct dm_hooks hooks = { .access = on_access, .instance = on_instance };

static int may_make(void *ud, uint16_t ssid, uint16_t iid)
{
	(void)ud, (void)ssid, (void)iid;
	return LGW_OK;
}
static const struct object_ops portfolio = { .create = may_make, .remove = may_make };

static int64_t no_time(void *ud)
{
	(void)ud;
	return 0;
}

static void welcome(struct house *h, uint16_t ssid, uint8_t rights)
{
	struct account a = { .name = "s",
		.uri = "coap://x",
		.security = SEC_NONE,
		.ssid = ssid,
		.lifetime = 60,
		.pmin = -1,
		.pmax = -1,
		.storing = true,
		.binding = "U" };

	assert_true(account_add(h->o, &a) >= 0);
	h->g[h->n++] = (struct access_grant){ ssid, rights };
	assert_int_equal(access_welcome(h->o, h->g, h->n), 0);
}

static void leave(struct house *h, uint16_t ssid)
{
	size_t k = 0;

	account_remove(h->o, ssid);
	while (h->g[k].ssid != ssid)
		k++;
	memmove(&h->g[k], &h->g[k + 1], (--h->n - k) * sizeof(h->g[0]));
	access_forget(h->o, ssid);
}

static int set_up(void **state)
{
	struct house *h = xcalloc(1, sizeof(*h));

	h->defs = fixture_defs();
	h->dm = dm_new(&hooks, h);
	h->env = (struct obj_env){ .wall_ms = no_time };
	h->o = objects_new(h->dm, h->defs, &h->env, NULL);
	assert_non_null(h->o);
	dm_object_add(h->dm, objdefs_find(h->defs, 16), &portfolio, NULL);
	welcome(h, 101, ACCESS_ALL);
	object_device_set(h->o, &(struct device_facts){ .manufacturer = "M", .binding = "U" });
	*state = h;
	return 0;
}

static int tear_down(void **state)
{
	struct house *h = *state;

	dm_free(h->dm);
	objects_free(h->o);
	objdefs_unref(h->defs);
	free(h);
	return 0;
}

/* What ssid may do with this path, as letters; C for the object. */
static const char *may(struct house *h, uint16_t ssid, struct path p)
{
	static char out[8];
	static const struct {
		char c;
		enum dm_right r;
	} all[] = { { 'R', DM_R }, { 'W', DM_W }, { 'E', DM_X }, { 'D', DM_D } };
	size_t n = 0;

	for (size_t k = 0; k < ARRAY_SIZE(all); k++)
		if (!access_may(h->dm, ssid, &p, all[k].r))
			out[n++] = all[k].c;
	if (!access_may(h->dm, ssid, &PATH_OBJ(p.id[0]), DM_C))
		out[n++] = 'C';
	out[n] = '\0';
	return out;
}

/* The instance of object 2 for /oid/iid; -1: none. */
static int acl_of(struct house *h, uint16_t oid, uint16_t iid)
{
	int32_t y = -1;
	struct value a, b;

	while (dm_next(h->dm, &PATH_OBJ(2), &y))
		if (!dm_get(h->dm, &PATH_RES(2, y, 0), &a, NULL) && a.u.i == oid &&
			!dm_get(h->dm, &PATH_RES(2, y, 1), &b, NULL) && b.u.i == iid)
			return y;
	return -1;
}

static int64_t owner_of(struct house *h, uint16_t oid, uint16_t iid)
{
	struct value v;

	assert_int_equal(dm_get(h->dm, &PATH_RES(2, acl_of(h, oid, iid), 3), &v, NULL), 0);
	return v.u.i;
}

static int write1(struct house *h, uint16_t ssid, enum dm_write_mode mode, struct path base,
	struct path at, const char *text)
{
	struct record r = { .path = at, .value = { .type = VT_RAW_TEXT } };
	struct dm_txn *t;
	int e = dm_txn_begin(h->dm, ssid, mode, &base, &t);

	if (e)
		return e;
	r.value.u.s.p = (const uint8_t *)text;
	r.value.u.s.len = (uint32_t)strlen(text);
	e = dm_txn_add(t, &r);
	if (e) {
		dm_txn_abort(t);
		return e;
	}
	return dm_txn_commit(t, NULL, NULL, NULL, NULL);
}

static int set_acl(
	struct house *h, uint16_t by, uint16_t oid, uint16_t iid, uint16_t ssid, const char *value)
{
	struct path p = PATH_RI(2, acl_of(h, oid, iid), 2, ssid);

	return write1(h, by, DM_REPLACE, p, p, value);
}

static int create(struct house *h, uint16_t ssid, uint16_t iid)
{
	return write1(h, ssid, DM_CREATE, PATH_OBJ(16), PATH_RI(16, iid, 0, 0), "a");
}

/* --- the tests ----------------------------------------------------------------------------- */

static void one_server_may_everything(void **state)
{
	struct house *h = *state;

	assert_false(dm_exists(h->dm, &PATH_OBJ(2)));
	assert_string_equal(may(h, 101, PATH_INST(3, 0)), "RWEDC");
	assert_string_equal(may(h, 101, PATH_INST(16, 4)), "RWEDC");
}

static void the_second_server_brings_object_2(void **state)
{
	struct house *h = *state;

	create(h, 101, 4);
	welcome(h, 102, DM_R);
	assert_string_equal(may(h, 101, PATH_INST(3, 0)), "RWED");
	assert_string_equal(may(h, 102, PATH_INST(3, 0)), "R");
	assert_string_equal(may(h, 101, PATH_INST(16, 4)), "RWEDC");
	assert_string_equal(may(h, 102, PATH_INST(16, 4)), "R");
	/* An account is its server's own. */
	assert_string_equal(may(h, 101, PATH_INST(1, 0)), "RWED");
	assert_string_equal(may(h, 102, PATH_INST(1, 0)), "");
	assert_string_equal(may(h, 101, PATH_INST(1, 1)), "");
	assert_string_equal(may(h, 102, PATH_INST(1, 1)), "RWED");
	assert_int_equal(owner_of(h, 3, 0), 101);
	assert_int_equal(owner_of(h, 1, 1), 102);
	/* Create is said by bootstrap alone. */
	assert_int_equal(owner_of(h, 16, 65535), 65535);
	/* None for object 2 itself, nor for /0. */
	assert_int_equal(acl_of(h, 2, 0), -1);
	assert_int_equal(acl_of(h, 0, 0), -1);
	/* What is not there has no entry. */
	assert_string_equal(may(h, 101, PATH_INST(3, 1)), "");
}

/* owner, own entry (-1: none), default entry, what comes out */
static void the_matrix_of_7_3_2_1(void **state)
{
	static const struct {
		bool owner;
		int own, rest;
		const char *want;
	} rows[] = {
		{ true, -1, -1, "RWED" },
		{ true, -1, 1, "RWED" }, /* the default is for others */
		{ true, 1, -1, "R" },    /* an own entry binds the owner, too */
		{ true, 0, 15, "" },
		{ true, 15, 1, "RWED" },
		{ false, -1, -1, "" },
		{ false, -1, 0, "" },
		{ false, -1, 1, "R" },
		{ false, -1, 2, "W" },
		{ false, -1, 4, "E" },
		{ false, -1, 8, "D" },
		{ false, -1, 31, "RWED" }, /* C counts in an own entry of the object only */
		{ false, 0, 15, "" },
		{ false, 1, 15, "R" },
		{ false, 16, 15, "" },
		{ false, 6, -1, "WE" },
	};
	struct house *h = *state;
	struct path own, rest;
	int y;

	welcome(h, 102, 0);
	y = acl_of(h, 3, 0);
	own = PATH_RI(2, y, 2, 102);
	rest = PATH_RI(2, y, 2, 0);
	print_message("owner own default  rights\n");
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		dm_set(h->dm, &PATH_RES(2, y, 3), &VALUE_INT(rows[k].owner ? 102 : 101), 0);
		dm_unset(h->dm, &own);
		dm_unset(h->dm, &rest);
		if (rows[k].own >= 0)
			dm_set(h->dm, &own, &VALUE_INT(rows[k].own), 0);
		if (rows[k].rest >= 0)
			dm_set(h->dm, &rest, &VALUE_INT(rows[k].rest), 0);
		print_message("%-5s %3d %7d  %s\n", rows[k].owner ? "yes" : "no", rows[k].own,
			rows[k].rest, may(h, 102, PATH_INST(3, 0)));
		assert_string_equal(may(h, 102, PATH_INST(3, 0)), rows[k].want);
	}
}

static void only_the_owner_changes_entries(void **state)
{
	struct house *h = *state;
	struct path p;

	welcome(h, 102, DM_R);
	p = PATH_RES(2, acl_of(h, 3, 0), 3);
	assert_int_equal(set_acl(h, 102, 3, 0, 102, "15"), LGW_EACCES);
	assert_int_equal(write1(h, 102, DM_REPLACE, p, p, "102"), LGW_EACCES);
	assert_int_equal(set_acl(h, 101, 3, 0, 102, "3"), 0);
	assert_string_equal(may(h, 102, PATH_INST(3, 0)), "RW");
	assert_int_equal(set_acl(h, 101, 3, 0, 102, "32"), LGW_EINVAL);
	assert_int_equal(set_acl(h, 101, 3, 0, 102, "-1"), LGW_EINVAL);
	/* Nor does anybody change what bootstrap said, or which instance is meant. */
	assert_int_equal(set_acl(h, 101, 16, 65535, 102, "16"), LGW_EACCES);
	assert_int_equal(
		write1(h, 101, DM_REPLACE, PATH_RES(2, p.id[1], 0), PATH_RES(2, p.id[1], 0), "4"),
		LGW_EOP);
	assert_int_equal(dm_delete(h->dm, 101, &PATH_INST(2, p.id[1])), LGW_EOP);
	assert_int_equal(dm_delete(h->dm, 102, &PATH_INST(2, p.id[1])), LGW_EACCES);
	/* The owner gives it away, to somebody who is there. */
	assert_int_equal(write1(h, 101, DM_REPLACE, p, p, "103"), LGW_EINVAL);
	assert_int_equal(write1(h, 101, DM_REPLACE, p, p, "65535"), LGW_EINVAL);
	assert_int_equal(write1(h, 101, DM_REPLACE, p, p, "102"), 0);
	assert_int_equal(set_acl(h, 101, 3, 0, 101, "0"), LGW_EACCES);
	assert_int_equal(set_acl(h, 102, 3, 0, 101, "1"), 0);
	assert_string_equal(may(h, 101, PATH_INST(3, 0)), "R");
}

static void lists_are_merged_or_replaced(void **state)
{
	struct house *h = *state;
	struct path list;
	struct value v;

	welcome(h, 102, DM_R);
	list = PATH_RES(2, acl_of(h, 3, 0), 2);
	assert_int_equal(write1(h, 101, DM_UPDATE, list, PATH_RI(2, list.id[1], 2, 0), "1"), 0);
	assert_int_equal(dm_get(h->dm, &PATH_RI(2, list.id[1], 2, 102), &v, NULL), 0);
	assert_int_equal(write1(h, 101, DM_REPLACE, list, PATH_RI(2, list.id[1], 2, 0), "3"), 0);
	assert_int_equal(dm_get(h->dm, &PATH_RI(2, list.id[1], 2, 102), &v, NULL), LGW_ENOENT);
	assert_string_equal(may(h, 102, PATH_INST(3, 0)), "RW");
}

static void what_a_server_makes_is_its_own(void **state)
{
	struct house *h = *state;

	welcome(h, 102, DM_R);
	assert_int_equal(create(h, 102, 1), LGW_EACCES);
	assert_int_equal(create(h, 101, 1), 0);
	assert_int_equal(owner_of(h, 16, 1), 101);
	assert_string_equal(may(h, 101, PATH_INST(16, 1)), "RWEDC");
	assert_string_equal(may(h, 102, PATH_INST(16, 1)), "");
	assert_int_equal(dm_delete(h->dm, 102, &PATH_INST(16, 1)), LGW_EACCES);
	assert_int_equal(set_acl(h, 101, 16, 1, 102, "8"), 0);
	/* Whoever deletes it: the entry goes, too. */
	assert_int_equal(dm_delete(h->dm, 102, &PATH_INST(16, 1)), 0);
	assert_int_equal(acl_of(h, 16, 1), -1);
}

static void what_the_device_gets_later_is_like_the_rest(void **state)
{
	struct house *h = *state;

	welcome(h, 102, DM_R | DM_W | DM_C);
	dm_object_add(h->dm, objdefs_find(h->defs, 3303), NULL, NULL);
	dm_object_add(h->dm, objdefs_find(h->defs, 19), &portfolio, NULL);
	dm_instance_add(h->dm, 3303, 5);
	assert_string_equal(may(h, 101, PATH_INST(3303, 5)), "RWED");
	assert_string_equal(may(h, 102, PATH_INST(3303, 5)), "RW");
	assert_string_equal(may(h, 102, PATH_INST(19, 0)), "C");
	dm_object_remove(h->dm, 3303);
	assert_int_equal(acl_of(h, 3303, 5), -1);
}

static void unbootstrapping(void **state)
{
	struct house *h = *state;

	welcome(h, 102, DM_R | DM_C);
	welcome(h, 103, DM_R | DM_W | DM_D);
	assert_int_equal(create(h, 101, 1), 0); /* nobody else may reach it */
	assert_int_equal(create(h, 101, 2), 0); /* 102 may read it */
	assert_int_equal(set_acl(h, 101, 16, 2, 102, "1"), 0);
	assert_int_equal(create(h, 102, 3), 0);
	leave(h, 101);
	assert_false(dm_exists(h->dm, &PATH_INST(16, 1)));
	assert_int_equal(acl_of(h, 16, 1), -1);
	assert_int_equal(owner_of(h, 16, 2), 102);
	assert_int_equal(owner_of(h, 16, 3), 102);
	/* The one with most of W and D; the device's own things stay. */
	assert_int_equal(owner_of(h, 3, 0), 103);
	assert_int_equal(acl_of(h, 1, 0), -1);
	/* What nobody has an entry for gets an owner all the same, if it has to stay. */
	dm_unset(h->dm, &PATH_RI(2, acl_of(h, 3, 0), 2, 102));
	/* With one server left that one may everything, and the entries are kept up. */
	leave(h, 103);
	assert_string_equal(may(h, 102, PATH_INST(3, 0)), "RWEDC");
	assert_int_equal(owner_of(h, 3, 0), 102);
	assert_int_equal(create(h, 102, 4), 0);
	assert_int_equal(owner_of(h, 16, 4), 102);
	assert_int_equal(dm_delete(h->dm, 102, &PATH_INST(16, 4)), 0);
	assert_int_equal(acl_of(h, 16, 4), -1);
	/* And with a second one they count again. */
	welcome(h, 104, DM_R);
	assert_string_equal(may(h, 104, PATH_INST(3, 0)), "R");
	assert_string_equal(may(h, 104, PATH_INST(16, 3)), "");
	assert_string_equal(may(h, 104, PATH_INST(1, 0)), "RWED");
}

int main(void)
{
#define T(f_) cmocka_unit_test_setup_teardown(f_, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(one_server_may_everything),
		T(the_second_server_brings_object_2),
		T(the_matrix_of_7_3_2_1),
		T(only_the_owner_changes_entries),
		T(lists_are_merged_or_replaced),
		T(what_a_server_makes_is_its_own),
		T(what_the_device_gets_later_is_like_the_rest),
		T(unbootstrapping),
	};

	return cmocka_run_group_tests_name("access control", tests, NULL, NULL);
}
