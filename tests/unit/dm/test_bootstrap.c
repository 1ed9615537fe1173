/* SPDX-License-Identifier: BSD-3-Clause */
/* What a bootstrap server does to the tree: Write, Delete, Discover, Read. */
#include "world.h"

#include <string.h>
#include "util/err.h"
#include "util/mem.h"

struct part {
	const char *path, *text;
};

static int bs_write(struct dm *dm, const char *base, const struct part *parts, size_t n)
{
	struct path p = world_path(base);
	struct dm_txn *t;
	int e = dm_txn_begin(dm, 0, DM_BOOTSTRAP, &p, &t);

	for (size_t k = 0; !e && k < n; k++) {
		e = world_add(t, world_path(parts[k].path), parts[k].text);
		if (e)
			dm_txn_abort(t);
	}
	return e ? e : dm_txn_commit(t, NULL, NULL, NULL, NULL);
}
#define WRITE(dm_, base_, ...)                                     \
	bs_write(dm_, base_, (const struct part[]){ __VA_ARGS__ }, \
		sizeof((const struct part[]){ __VA_ARGS__ }) / sizeof(struct part))

static int64_t has(struct dm *dm, const char *path)
{
	return dm_exists(dm, &(struct path[]){ world_path(path) }[0]);
}

static void an_object_with_several_instances(void **state)
{
	struct dm *dm = world_dm(state);

	/* /1/0 is there and is replaced whole: its resource 2 goes. */
	assert_int_equal(WRITE(dm, "/1", { "/1/0/0", "7" }, { "/1/0/1", "60" }, { "/1/0/6", "1" },
				 { "/1/0/7", "U" }, { "/1/5/0", "8" }, { "/1/5/1", "61" },
				 { "/1/5/6", "0" }, { "/1/5/7", "UQ" }, { "/1/5/999", "x" }),
		0);
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 0)), 7); /* read-only for others */
	assert_int_equal(world_int(dm, PATH_RES(1, 5, 1)), 61);
	assert_false(has(dm, "/1/0/2"));
	assert_true(has(dm, "/1/0/8")); /* what can be executed stays */
	assert_false(has(dm, "/1/5/999"));
}

static void all_or_nothing(void **state)
{
	struct dm *dm = world_dm(state);

	/* The second instance lacks what is mandatory: the first is not changed either. */
	assert_int_equal(WRITE(dm, "/1", { "/1/0/0", "7" }, { "/1/0/1", "60" }, { "/1/0/6", "1" },
				 { "/1/0/7", "U" }, { "/1/5/0", "8" }),
		LGW_EINVAL);
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 0)), 1);
	assert_false(has(dm, "/1/5"));
	assert_int_equal(WRITE(dm, "/1/0", { "/1/0/0", "7" }), LGW_EINVAL);
	assert_int_equal(WRITE(dm, "/1/0", { "/1/0/0", "0" }), LGW_EINVAL); /* range */
	assert_int_equal(WRITE(dm, "/1/0", { "/1/1/0", "7" }), LGW_EINVAL);
	assert_int_equal(WRITE(dm, "/999", { "/999/0/0", "7" }), LGW_EINVAL);
	assert_int_equal(WRITE(dm, "/1/9/1", { "/1/9/1", "7" }), LGW_EINVAL);
	assert_int_equal(WRITE(dm, "/3/1", { "/3/1/0", "x" }), LGW_EINVAL);
	/* A resource alone */
	assert_int_equal(WRITE(dm, "/1/0/1", { "/1/0/1", "99" }), 0);
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 1)), 99);
	/* What its object refuses */
	dev.check = LGW_EINVAL;
	assert_int_equal(WRITE(dm, "/1/0/1", { "/1/0/1", "100" }), LGW_EINVAL);
	dev.check = 0;
	dev.apply = LGW_EIO;
	assert_int_equal(WRITE(dm, "/1/0/1", { "/1/0/1", "100" }), LGW_EIO);
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 1)), 99);
}

static int add_account(struct dm *dm, const char *iid, const char *bootstrap, const char *ssid)
{
	char p[7][16];
	struct part parts[7];
	static const char *const rid[] = { "0", "1", "2", "3", "4", "5", "10" };
	const char *const text[] = { "coap://x", bootstrap, "3", "", "", "", ssid };
	char base[8];

	for (size_t k = 0; k < 7; k++) {
		snprintf(p[k], sizeof(p[k]), "/0/%s/%s", iid, rid[k]);
		parts[k] = (struct part){ p[k], text[k] };
	}
	snprintf(base, sizeof(base), "/0/%s", iid);
	return bs_write(dm, base, parts, ssid ? 7 : 6);
}

static char links[512];
static int add_link(void *ud, const struct dm_link *l)
{
	char p[PATH_TEXT_MAX];
	size_t n = strlen(links);

	(void)ud;
	n += (size_t)snprintf(links + n, sizeof(links) - n, "<%s>", path_text(p, &l->path));
	if (l->version)
		n += (size_t)snprintf(links + n, sizeof(links) - n, ";ver=%s", l->version);
	if (l->ssid)
		n += (size_t)snprintf(links + n, sizeof(links) - n, ";ssid=%u", l->ssid);
	if (l->uri)
		snprintf(links + n, sizeof(links) - n, ";uri=%.*s", (int)l->uri_len, l->uri);
	return 0;
}

static const char *discover(struct dm *dm, const char *path)
{
	struct path p = world_path(path);

	links[0] = '\0';
	assert_int_equal(dm_bootstrap_discover(dm, &p, add_link, NULL), 0);
	return links;
}

static void discover_tells_accounts(void **state)
{
	struct dm *dm = world_dm(state);

	assert_int_equal(add_account(dm, "0", "0", "1"), 0);
	assert_int_equal(add_account(dm, "1", "1", NULL), 0);
	assert_string_equal(discover(dm, "/"),
		"</0/0>;ssid=1;uri=coap://x</0/1>;uri=coap://x</1/0>;ssid=1</3/0></3303>;ver=1.1"
		"</3306>;ver=1.1</3306/0>");
	assert_string_equal(discover(dm, "/1"), "</1></1/0>;ssid=1");
	assert_int_equal(dm_bootstrap_discover(dm, &PATH_OBJ(999), add_link, NULL), LGW_ENOENT);
	assert_int_equal(dm_bootstrap_discover(dm, &PATH_INST(1, 0), add_link, NULL), LGW_EINVAL);
}

static int delete_(struct dm *dm, const char *path)
{
	struct path p = world_path(path);

	return dm_bootstrap_delete(dm, &p);
}

static void delete_spares_what_must_stay(void **state)
{
	struct dm *dm = world_dm(state);

	assert_int_equal(add_account(dm, "0", "0", "1"), 0);
	assert_int_equal(add_account(dm, "1", "1", NULL), 0);
	assert_int_equal(delete_(dm, "/3/0"), LGW_EINVAL);
	assert_int_equal(delete_(dm, "/3"), LGW_EINVAL);
	assert_int_equal(delete_(dm, "/0/1"), LGW_EINVAL);
	assert_int_equal(delete_(dm, "/1/7"), LGW_EINVAL);
	assert_int_equal(delete_(dm, "/1/0/0"), LGW_EINVAL);
	assert_int_equal(delete_(dm, "/999"), LGW_EINVAL);
	assert_int_equal(delete_(dm, "/1/0"), 0);
	assert_false(has(dm, "/1/0"));
	assert_int_equal(delete_(dm, "/"), 0);
	assert_false(has(dm, "/0/0"));
	assert_true(has(dm, "/0/1"));
	assert_true(has(dm, "/3/0"));
	assert_false(has(dm, "/3306/0")); /* a server could delete it, too */
}

/* Keys of OSCORE belong to the account that links to them. */
static void delete_spares_the_keys_of_the_bootstrap_account(void **state)
{
	struct world *w = *state;
	struct dm *dm = w->dm;

	assert_int_equal(dm_object_add(dm, objdefs_find(w->defs, 21), NULL, NULL), 0);
	assert_int_equal(add_account(dm, "0", "0", "1"), 0);
	assert_int_equal(add_account(dm, "1", "1", NULL), 0);
	for (uint16_t k = 5; k < 8; k++)
		assert_int_equal(dm_instance_add(dm, 21, k), k);
	world_set(dm, PATH_RES(0, 0, 17), VALUE_LINK(21, 5));
	world_set(dm, PATH_RES(0, 1, 17), VALUE_LINK(21, 6));
	assert_int_equal(delete_(dm, "/21/6"), LGW_EINVAL);
	assert_int_equal(delete_(dm, "/21/7"), 0);
	assert_int_equal(delete_(dm, "/"), 0);
	assert_false(has(dm, "/21/5"));
	assert_true(has(dm, "/0/1/17"));
	assert_true(has(dm, "/21/6"));
}

static int count(void *ud, const struct record *r)
{
	(void)r;
	++*(unsigned *)ud;
	return 0;
}

static void read_is_of_1_and_2_only(void **state)
{
	struct dm *dm = world_dm(state);
	unsigned n = 0;

	assert_int_equal(dm_bootstrap_read(dm, &PATH_OBJ(1), count, &n), 0);
	assert_int_equal(dm_bootstrap_read(dm, &PATH_INST(1, 0), count, &n), 0);
	assert_int_equal(n, 10);
	assert_int_equal(dm_bootstrap_read(dm, &PATH_INST(1, 9), count, &n), LGW_ENOENT);
	assert_int_equal(dm_bootstrap_read(dm, &PATH_OBJ(2), count, &n), LGW_ENOENT);
	assert_int_equal(dm_bootstrap_read(dm, &PATH_OBJ(0), count, &n), LGW_EOP);
	assert_int_equal(dm_bootstrap_read(dm, &PATH_INST(3, 0), count, &n), LGW_EOP);
	assert_int_equal(dm_bootstrap_read(dm, &PATH_RES(1, 0, 0), count, &n), LGW_EOP);
	assert_int_equal(dm_bootstrap_read(dm, &PATH_ROOT, count, &n), LGW_EOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(an_object_with_several_instances),
		WORLD(all_or_nothing),
		WORLD(discover_tells_accounts),
		WORLD(delete_spares_what_must_stay),
		WORLD(delete_spares_the_keys_of_the_bootstrap_account),
		WORLD(read_is_of_1_and_2_only),
	};

	return cmocka_run_group_tests_name("bootstrap", tests, NULL, NULL);
}
