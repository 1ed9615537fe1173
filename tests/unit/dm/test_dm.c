/* SPDX-License-Identifier: BSD-3-Clause */
/* The tree as its owner sees it, and what servers may do where. */
#include "world.h"

#include <string.h>
#include "dm/tree.h"
#include "util/err.h"
#include "util/mem.h"

/* --- owner's side -------------------------------------------------------------------------- */

/* Each server has so many sets of attributes, whatever others have. */
static void attributes_have_limits(void **state)
{
	enum { MANY = 1024 };
	const struct attrs_change ten = { .to = { .set = ATTR_PMIN, .pmin = 10 } };
	struct dm *dm = world_dm(state);
	struct attrs a;

	for (int k = 0; k <= MANY; k++) {
		assert_int_equal(dm_instance_add(dm, 3303, (uint16_t)k), k);
		assert_int_equal(dm_write_attrs(dm, 1, &PATH_INST(3303, k), &ten),
			k < MANY ? LGW_OK : LGW_ENOMEM);
	}
	assert_int_equal(dm_write_attrs(dm, 1, &PATH_INST(3303, 0), &ten), LGW_OK);
	assert_int_equal(dm_write_attrs(dm, 2, &PATH_INST(3303, MANY), &ten), LGW_OK);
	dm_attrs_own(dm, 2, &PATH_INST(3303, MANY), &a);
	assert_int_equal(a.pmin, 10);
}

static void values_change_once(void **state)
{
	struct dm *dm = world_dm(state);
	struct value v;
	int64_t t;

	assert_int_equal(dm_instance_add(dm, 3303, PATH_ID_NONE), 0);
	assert_int_equal(seen.structures, 1);
	assert_int_equal(dm_set(dm, &PATH_RES(3303, 0, 5700), &VALUE_FLOAT(21.5), 1234), 0);
	assert_int_equal(dm_set(dm, &PATH_RES(3303, 0, 5700), &VALUE_INT(22), 2345), 0);
	assert_int_equal(dm_set(dm, &PATH_RES(3303, 0, 5700), &VALUE_FLOAT(22.0), 3456), 0);
	assert_int_equal(seen.values, 3);
	assert_int_equal(seen.changes, 2);
	assert_int_equal(dm_get(dm, &PATH_RES(3303, 0, 5700), &v, &t), 0);
	assert_true(v.type == VT_FLOAT && v.u.f == 22.0 && t == 3456);
	assert_int_equal(dm_set(dm, &PATH_RES(3303, 0, 5700), &VALUE_STR("x"), 0), LGW_EINVAL);
	assert_int_equal(dm_set(dm, &PATH_RES(3303, 0, 9999), &VALUE_INT(0), 0), LGW_ENOENT);
	assert_int_equal(dm_set(dm, &PATH_RES(3303, 7, 5700), &VALUE_INT(0), 0), LGW_ENOENT);
	assert_int_equal(dm_set(dm, &PATH_RES(3, 0, 11), &VALUE_INT(0), 0), LGW_EINVAL);
	assert_int_equal(dm_unset(dm, &PATH_RES(3303, 0, 5700)), 0);
	assert_int_equal(dm_get(dm, &PATH_RES(3303, 0, 5700), &v, NULL), LGW_ENOENT);
	assert_int_equal(dm_instance_add(dm, 3303, 0), LGW_EEXIST);
	assert_int_equal(dm_instance_add(dm, 3303, 65535), 1);
	assert_int_equal(dm_instance_add(dm, 3, 1), LGW_EINVAL);
	assert_int_equal(dm_instance_remove(dm, 3303, 0), 0);
	assert_int_equal(dm_instance_add(dm, 3303, PATH_ID_NONE), 0);
	dm_object_remove(dm, 3303);
	assert_false(dm_exists(dm, &PATH_OBJ(3303)));
}

static void texts_and_shapes_are_shared(void **state)
{
	struct world *f = *state;
	struct dm *other = dm_new(&world_hooks, NULL);
	struct value a, b;

	dm_object_add(other, objdefs_find(f->defs, 3), NULL, NULL);
	dm_instance_add(other, 3, 0);
	world_set(other, PATH_RES(3, 0, 0), VALUE_STR("Open Mobile Alliance"));
	assert_int_equal(dm_get(f->dm, &PATH_RES(3, 0, 0), &a, NULL), 0);
	assert_int_equal(dm_get(other, &PATH_RES(3, 0, 0), &b, NULL), 0);
	assert_ptr_equal(a.u.s.p, b.u.s.p);
	world_set(other, PATH_RES(3, 0, 0), VALUE_STR("Another"));
	assert_int_equal(dm_get(f->dm, &PATH_RES(3, 0, 0), &a, NULL), 0);
	assert_string_equal((const char *)a.u.s.p, "Open Mobile Alliance");
	dm_free(other);
}

/* Another tree with one object 3. */
static struct dm *twin(const struct world *f, const char *maker)
{
	struct dm *dm = dm_new(&world_hooks, NULL);

	dm_object_add(dm, objdefs_find(f->defs, 3), NULL, NULL);
	dm_instance_add(dm, 3, 0);
	world_set(dm, PATH_RES(3, 0, 0), VALUE_STR(maker));
	world_set(dm, PATH_RES(3, 0, 9), VALUE_INT(50));
	assert_int_equal(dm_declare(dm, &PATH_RES(3, 0, 4)), 0);
	dm_share(dm, 3, 0);
	return dm;
}

static const struct values *values_of(const struct dm *dm)
{
	return dm_inst(dm_object(dm, 3), 0)->values;
}

static void expect_twin(const struct dm *dm, const char *maker, int64_t level)
{
	struct value v;

	assert_int_equal(dm_get(dm, &PATH_RES(3, 0, 0), &v, NULL), 0);
	assert_string_equal((const char *)v.u.s.p, maker);
	assert_int_equal(dm_get(dm, &PATH_RES(3, 0, 9), &v, NULL), 0);
	assert_int_equal(v.u.i, level);
	assert_int_equal(dm_get(dm, &PATH_RES(3, 0, 4), &v, NULL), LGW_ENOENT);
}

static void equal_instances_share_their_values_until_one_changes(void **state)
{
	struct world *f = *state;
	struct dm *a = twin(f, "ACME"), *b = twin(f, "ACME"), *c = twin(f, "ACME");
	struct dm *other = twin(f, "Another");
	const struct values *shared = values_of(a);

	assert_ptr_equal(values_of(b), shared);
	assert_ptr_equal(values_of(c), shared);
	assert_ptr_not_equal(values_of(other), shared);
	dm_share(a, 3, 0);
	dm_share(a, 3, 7);
	dm_share(a, 9, 0);
	/* What is the same already is no change; a change, a new and a lost value are. */
	world_set(b, PATH_RES(3, 0, 9), VALUE_INT(50));
	assert_ptr_equal(values_of(b), shared);
	world_set(b, PATH_RES(3, 0, 9), VALUE_INT(51));
	world_set(c, PATH_RES(3, 0, 2), VALUE_STR("serial"));
	assert_ptr_equal(values_of(a), shared);
	expect_twin(a, "ACME", 50);
	expect_twin(b, "ACME", 51);
	expect_twin(c, "ACME", 50);
	/* Back again: equal, but they share only when that is said. */
	world_set(b, PATH_RES(3, 0, 9), VALUE_INT(50));
	assert_ptr_not_equal(values_of(b), shared);
	dm_share(b, 3, 0);
	assert_ptr_equal(values_of(b), shared);
	assert_int_equal(dm_unset(b, &PATH_RES(3, 0, 9)), 0);
	expect_twin(a, "ACME", 50);
	dm_free(b);
	/* The last one that has them may change them where they are. */
	world_set(a, PATH_RES(3, 0, 0), VALUE_STR("New"));
	assert_ptr_equal(values_of(a), shared);
	b = twin(f, "ACME");
	assert_ptr_not_equal(values_of(b), shared);
	dm_free(a);
	dm_free(c);
	expect_twin(b, "ACME", 50);
	dm_free(b);
	dm_free(other);
}

/* --- operation x path -> status ------------------------------------------------------------- */

static int count(void *ud, const struct record *r)
{
	(void)r;
	++*(unsigned *)ud;
	return 0;
}
static int op_read(struct dm *dm, const struct path *p)
{
	unsigned n = 0;

	return dm_read(dm, 1, p, count, &n);
}
static int write_as(struct dm *dm, enum dm_write_mode mode, const struct path *p)
{
	struct record r = { .path = *p };
	struct dm_txn *t;
	int e = dm_txn_begin(dm, 1, mode, p, &t);

	if (e)
		return e;
	r.value = (struct value){ .type = VT_RAW_TEXT, .u.s = { (const uint8_t *)"1", 1 } };
	if (p->n == 2)
		r.path = PATH_RES(p->id[0], p->id[1], p->id[0] == 1 ? 2 : 5850);
	if (p->n == 1)
		r.path = PATH_RES(p->id[0], PATH_ID_NONE, 5850);
	e = dm_txn_add(t, &r);
	if (e) {
		dm_txn_abort(t);
		return e;
	}
	return dm_txn_commit(t, NULL, NULL, NULL, NULL);
}
static int op_put(struct dm *dm, const struct path *p)
{
	return write_as(dm, DM_REPLACE, p);
}
static int op_post(struct dm *dm, const struct path *p)
{
	return write_as(dm, DM_UPDATE, p);
}
static int op_create(struct dm *dm, const struct path *p)
{
	return write_as(dm, DM_CREATE, p);
}
static int op_execute(struct dm *dm, const struct path *p)
{
	return dm_execute(dm, 1, p, NULL, 0, NULL, NULL);
}
static int op_delete(struct dm *dm, const struct path *p)
{
	return dm_delete(dm, 1, p);
}
static int no_link(void *ud, const struct dm_link *l)
{
	(void)ud, (void)l;
	return 0;
}
static int op_discover(struct dm *dm, const struct path *p)
{
	return dm_discover(dm, 1, p, DM_DEPTH_DEFAULT, no_link, NULL);
}
static int op_attrs(struct dm *dm, const struct path *p)
{
	struct attrs_change c = { .to = { .set = ATTR_PMIN, .pmin = 5 } };

	return dm_write_attrs(dm, 1, p, &c);
}

#define EI LGW_EINVAL
#define EA LGW_EACCES
#define EN LGW_ENOENT
#define EO LGW_EOP
static const struct {
	const char *name;
	int (*fn)(struct dm *dm, const struct path *p);
} ops[] = { { "read", op_read }, { "put", op_put }, { "post", op_post }, { "create", op_create },
	{ "execute", op_execute }, { "discover", op_discover }, { "attrs", op_attrs },
	{ "delete", op_delete } };
static const struct {
	const char *path;
	int want[ARRAY_SIZE(ops)];
} matrix[] = {
	/*                read put post cre exe dis att del */
	{ "/", { EO, EO, EO, EO, EO, EO, EO, EO } },
	{ "/0", { EA, EA, EA, EA, EA, EA, EA, EA } },
	{ "/0/0", { EA, EA, EA, EA, EA, EA, EA, EA } },
	{ "/0/0/0", { EA, EA, EA, EA, EA, EA, EA, EA } },
	{ "/1", { 0, EO, EO, EI, EO, 0, 0, EO } },
	{ "/1/0", { 0, EI, 0, EO, EO, 0, 0, 0 } },
	{ "/1/0/0", { 0, EO, EO, EO, EO, 0, 0, EO } },
	{ "/1/0/1", { 0, 0, 0, EO, EO, 0, 0, EO } },
	{ "/1/0/8", { EO, EO, EO, EO, 0, 0, EO, EO } },
	{ "/1/0/3", { EN, 0, 0, EN, EN, EN, EN, EN } }, /* may be written into being */
	{ "/1/7", { EN, EN, EN, EN, EN, EN, EN, EN } },
	{ "/3", { 0, EO, EO, EO, EO, 0, 0, EO } },
	{ "/3/0", { 0, EN, EN, EO, EO, 0, 0, EO } },
	{ "/3/0/9", { 0, EO, EO, EO, EO, 0, 0, EO } },
	{ "/3/0/6/0", { 0, EO, EO, EO, EO, EO, 0, EO } },
	{ "/3/0/6/9", { EN, EN, EN, EN, EN, EN, EN, EN } },
	{ "/3306", { 0, EO, EO, 0, EO, 0, 0, EO } },
	{ "/3306/0", { 0, 0, 0, EO, EO, 0, 0, 0 } },
	{ "/3306/0/5850", { 0, 0, 0, EO, EO, 0, 0, EO } },
	{ "/9999", { EN, EN, EN, EN, EN, EN, EN, EN } },
};

static void the_matrix(void **state)
{
	unsigned bad = 0;

	printf("%-14s", "path");
	for (size_t o = 0; o < ARRAY_SIZE(ops); o++)
		printf("%-10s", ops[o].name);
	printf("\n");
	for (size_t m = 0; m < ARRAY_SIZE(matrix); m++) {
		struct path p;

		path_parse(&p, matrix[m].path, strlen(matrix[m].path));
		printf("%-14s", matrix[m].path);
		for (size_t o = 0; o < ARRAY_SIZE(ops); o++) {
			void *fresh;
			int got;

			world_setup(&fresh);
			got = ops[o].fn(((struct world *)fresh)->dm, &p);
			got = got > 0 ? 0 : got;
			printf("%-3d%-7s", got, got == matrix[m].want[o] ? "" : "!");
			bad += got != matrix[m].want[o];
			world_teardown(&fresh);
		}
		printf("\n");
	}
	(void)state;
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(attributes_have_limits),
		WORLD(values_change_once),
		WORLD(texts_and_shapes_are_shared),
		WORLD(equal_instances_share_their_values_until_one_changes),
		cmocka_unit_test(the_matrix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
