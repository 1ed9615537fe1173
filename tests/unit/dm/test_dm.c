/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "dm/dm.h"
#include "fixture.h"
#include "util/err.h"
#include "util/mem.h"

static struct {
	unsigned values, changes, structures;
	char last[PATH_TEXT_MAX];
} seen;

static void on_value(void *ud, const struct path *p, const struct value *v, int64_t t, bool changed)
{
	(void)ud;
	(void)v;
	(void)t;
	seen.values++;
	seen.changes += changed;
	path_text(seen.last, p);
}
static void on_structure(void *ud)
{
	(void)ud;
	seen.structures++;
}
static const struct dm_hooks hooks = { .value = on_value, .structure = on_structure };

/* An object whose device may refuse, take its time, or have rights of its own. */
static struct {
	int check, apply, execute;
	struct dm_op *op;
	unsigned committed;
	size_t nargs;
	char arg[32];
	uint8_t digit;
} dev;
static int dev_check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	(void)ud, (void)ssid, (void)c, (void)n;
	return dev.check;
}
static int dev_apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	(void)ud, (void)ssid, (void)c, (void)n;
	dev.op = op;
	return dev.apply;
}
static void dev_committed(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	(void)ud, (void)ssid, (void)c, (void)n;
	dev.committed++;
}
static int dev_execute(void *ud, uint16_t ssid, const struct path *p, const struct dm_arg *a,
	size_t n, struct dm_op *op)
{
	(void)ud, (void)ssid, (void)p;
	dev.op = op;
	dev.nargs = n;
	dev.arg[0] = '\0';
	if (n && a[0].value)
		snprintf(dev.arg, sizeof(dev.arg), "%.*s", (int)a[0].len, a[0].value);
	dev.digit = n ? a[0].digit : 255;
	return dev.execute;
}
static int dev_may(void *ud, uint16_t ssid, uint16_t iid)
{
	(void)ud, (void)ssid, (void)iid;
	return LGW_OK;
}
static const struct object_ops dev_ops = { .check = dev_check,
	.apply = dev_apply,
	.committed = dev_committed,
	.execute = dev_execute,
	.create = dev_may,
	.remove = dev_may };

struct fixture {
	struct objdefs *defs;
	struct dm *dm;
};

static void set(struct dm *dm, struct path p, struct value v)
{
	assert_int_equal(dm_set(dm, &p, &v, 0), 0);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct dm *dm;

	f->defs = fixture_defs();
	dm = f->dm = dm_new(&hooks, f);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 0), NULL, NULL), 0);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 1), &dev_ops, NULL), 0);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 3), NULL, NULL), 0);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 3306), &dev_ops, NULL), 0);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 3303), NULL, NULL), 0);
	assert_int_equal(dm_instance_add(dm, 0, 0), 0);
	assert_int_equal(dm_instance_add(dm, 1, 0), 0);
	assert_int_equal(dm_instance_add(dm, 3, 0), 0);
	assert_int_equal(dm_instance_add(dm, 3306, 0), 0);
	set(dm, PATH_RES(1, 0, 0), VALUE_INT(1));
	set(dm, PATH_RES(1, 0, 1), VALUE_INT(86400));
	set(dm, PATH_RES(1, 0, 2), VALUE_INT(1));
	set(dm, PATH_RES(1, 0, 6), VALUE_BOOL(true));
	set(dm, PATH_RES(1, 0, 7), VALUE_STR("U"));
	dm_declare(dm, &PATH_RES(1, 0, 8));
	set(dm, PATH_RES(3, 0, 0), VALUE_STR("Open Mobile Alliance"));
	set(dm, PATH_RI(3, 0, 6, 0), VALUE_INT(1));
	set(dm, PATH_RI(3, 0, 6, 1), VALUE_INT(5));
	set(dm, PATH_RES(3, 0, 9), VALUE_INT(100));
	set(dm, PATH_RI(3, 0, 11, 0), VALUE_INT(0));
	set(dm, PATH_RES(3, 0, 16), VALUE_STR("U"));
	set(dm, PATH_RES(3306, 0, 5850), VALUE_BOOL(false));
	set(dm, PATH_RES(3306, 0, 5750), VALUE_STR("plug"));
	memset(&seen, 0, sizeof(seen));
	memset(&dev, 0, sizeof(dev));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dm_free(f->dm);
	objdefs_unref(f->defs);
	free(f);
	return 0;
}

/* --- owner's side -------------------------------------------------------------------------- */

static void values_change_once(void **state)
{
	struct dm *dm = ((struct fixture *)*state)->dm;
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
	struct fixture *f = *state;
	struct dm *other = dm_new(&hooks, NULL);
	struct value a, b;

	dm_object_add(other, objdefs_find(f->defs, 3), NULL, NULL);
	dm_instance_add(other, 3, 0);
	set(other, PATH_RES(3, 0, 0), VALUE_STR("Open Mobile Alliance"));
	assert_int_equal(dm_get(f->dm, &PATH_RES(3, 0, 0), &a, NULL), 0);
	assert_int_equal(dm_get(other, &PATH_RES(3, 0, 0), &b, NULL), 0);
	assert_ptr_equal(a.u.s.p, b.u.s.p);
	set(other, PATH_RES(3, 0, 0), VALUE_STR("Another"));
	assert_int_equal(dm_get(f->dm, &PATH_RES(3, 0, 0), &a, NULL), 0);
	assert_string_equal((const char *)a.u.s.p, "Open Mobile Alliance");
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
	return dm_discover(dm, 1, p, no_link, NULL);
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
	{ "/3/0/6/9", { EN, EN, EN, EN, EN, EO, EN, EN } },
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

			setup(&fresh);
			got = ops[o].fn(((struct fixture *)fresh)->dm, &p);
			got = got > 0 ? 0 : got;
			printf("%-3d%-7s", got, got == matrix[m].want[o] ? "" : "!");
			bad += got != matrix[m].want[o];
			teardown(&fresh);
		}
		printf("\n");
	}
	(void)state;
	assert_int_equal(bad, 0);
}

/* --- writes -------------------------------------------------------------------------------- */

static int add(struct dm_txn *t, struct path p, const char *text)
{
	struct record r = { .path = p };

	if (text)
		r.value = (struct value){ .type = VT_RAW_TEXT,
			.u.s = { (const uint8_t *)text, (uint32_t)strlen(text) } };
	return dm_txn_add(t, &r);
}

static int64_t get_int(struct dm *dm, struct path p)
{
	struct value v;

	assert_int_equal(dm_get(dm, &p, &v, NULL), 0);
	return v.u.i;
}

static void a_write_is_all_or_nothing(void **state)
{
	struct dm *dm = ((struct fixture *)*state)->dm;
	struct dm_txn *t;

	assert_int_equal(dm_txn_begin(dm, 1, DM_UPDATE, &PATH_INST(1, 0), &t), 0);
	assert_int_equal(add(t, PATH_RES(1, 0, 1), "60"), 0);
	assert_int_equal(add(t, PATH_RES(1, 0, 0), "5"), LGW_EOP);
	dm_txn_abort(t);
	assert_int_equal(get_int(dm, PATH_RES(1, 0, 1)), 86400);
	dev.check = LGW_EINVAL;
	assert_int_equal(dm_txn_begin(dm, 1, DM_UPDATE, &PATH_INST(1, 0), &t), 0);
	assert_int_equal(add(t, PATH_RES(1, 0, 1), "60"), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), LGW_EINVAL);
	assert_int_equal(get_int(dm, PATH_RES(1, 0, 1)), 86400);
	dev.check = 0;
	dev.apply = LGW_EREFUSED;
	assert_int_equal(dm_txn_begin(dm, 1, DM_UPDATE, &PATH_INST(1, 0), &t), 0);
	assert_int_equal(add(t, PATH_RES(1, 0, 1), "60"), 0);
	assert_int_equal(add(t, PATH_RES(1, 0, 1), "61"), LGW_EINVAL); /* twice */
	assert_int_equal(add(t, PATH_RES(3, 0, 1), "61"), LGW_EINVAL); /* elsewhere */
	assert_int_equal(add(t, PATH_RES(1, 0, 99), "61"), LGW_ENOENT);
	assert_int_equal(add(t, PATH_RI(1, 0, 2, 0), "61"), LGW_EINVAL);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), LGW_EREFUSED);
	assert_int_equal(get_int(dm, PATH_RES(1, 0, 1)), 86400);
	assert_int_equal(seen.values, 0);
	assert_int_equal(dev.committed, 0);
}

static void replace_takes_away_what_is_not_named(void **state)
{
	struct dm *dm = ((struct fixture *)*state)->dm;
	struct dm_txn *t;

	assert_int_equal(dm_txn_begin(dm, 1, DM_REPLACE, &PATH_INST(1, 0), &t), 0);
	assert_int_equal(add(t, PATH_RES(1, 0, 1), "60"), 0);
	assert_int_equal(add(t, PATH_RES(1, 0, 6), "0"), 0);
	assert_int_equal(add(t, PATH_RES(1, 0, 7), "UQ"), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), 0);
	assert_int_equal(get_int(dm, PATH_RES(1, 0, 1)), 60);
	assert_false(dm_exists(dm, &PATH_RES(1, 0, 2)));
	assert_true(dm_exists(dm, &PATH_RES(1, 0, 8)));
	assert_int_equal(get_int(dm, PATH_RES(1, 0, 0)), 1);
	assert_int_equal(dev.committed, 1);
}

static int status_of;
static unsigned done_calls;
static void done(void *ud, int status)
{
	(void)ud;
	status_of = status;
	done_calls++;
}

static void a_device_takes_its_time(void **state)
{
	struct dm *dm = ((struct fixture *)*state)->dm;
	struct path p = PATH_RES(3306, 0, 5850);
	struct value v;
	struct dm_txn *t;

	done_calls = 0;
	dev.apply = LGW_PENDING;
	assert_int_equal(dm_txn_begin(dm, 1, DM_REPLACE, &p, &t), 0);
	assert_int_equal(add(t, p, "1"), 0);
	assert_int_equal(dm_txn_commit(t, done, NULL, NULL, NULL), LGW_PENDING);
	dm_get(dm, &p, &v, NULL);
	assert_false(v.u.b);
	assert_int_equal(op_read(dm, &p), 0);
	dm_op_done(dev.op, LGW_OK);
	assert_int_equal(done_calls, 1);
	assert_int_equal(status_of, LGW_OK);
	dm_get(dm, &p, &v, NULL);
	assert_true(v.u.b);
	/* A second one is under way when its instance goes. */
	assert_int_equal(dm_txn_begin(dm, 1, DM_REPLACE, &p, &t), 0);
	assert_int_equal(add(t, p, "0"), 0);
	assert_int_equal(dm_txn_commit(t, done, NULL, NULL, NULL), LGW_PENDING);
	dm_instance_remove(dm, 3306, 0);
	assert_int_equal(done_calls, 2);
	assert_int_equal(status_of, LGW_ECANCELED);
	dm_op_done(dev.op, LGW_OK); /* its holder learns it from nobody, and need not */
	assert_int_equal(done_calls, 2);
	/* And one when the whole client goes. */
	dm_instance_add(dm, 3306, 0);
	dm_declare(dm, &PATH_RES(3306, 0, 5850));
	assert_int_equal(dm_txn_begin(dm, 1, DM_REPLACE, &p, &t), 0);
	assert_int_equal(add(t, p, "0"), 0);
	assert_int_equal(dm_txn_commit(t, done, NULL, NULL, NULL), LGW_PENDING);
	dm_free(dm);
	((struct fixture *)*state)->dm = NULL;
	assert_int_equal(done_calls, 3);
	dm_op_done(dev.op, LGW_OK);
	assert_int_equal(done_calls, 3);
}

static void create_and_delete(void **state)
{
	struct dm *dm = ((struct fixture *)*state)->dm;
	struct dm_txn *t;
	uint16_t iid;
	bool by_client;

	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(add(t, PATH_RES(3306, 65535, 5850), "1"), 0);
	assert_int_equal(add(t, PATH_RES(3306, 65535, 4711), "1"), 0); /* unknown: ignored */
	assert_int_equal(dm_txn_commit(t, NULL, NULL, &iid, &by_client), 0);
	assert_int_equal(iid, 1);
	assert_true(by_client);
	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(add(t, PATH_RES(3306, 7, 5850), "1"), 0);
	assert_int_equal(add(t, PATH_RES(3306, 8, 5850), "1"), LGW_EINVAL);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, &iid, &by_client), 0);
	assert_int_equal(iid, 7);
	assert_false(by_client);
	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(add(t, PATH_RES(3306, 7, 5850), "1"), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, &iid, NULL), LGW_EINVAL);
	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, &iid, NULL), LGW_EINVAL); /* 5850 missing */
	dev.apply = LGW_EREFUSED;
	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(add(t, PATH_RES(3306, 9, 5850), "1"), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), LGW_EREFUSED);
	assert_false(dm_exists(dm, &PATH_INST(3306, 9)));
	assert_int_equal(dm_delete(dm, 1, &PATH_INST(3306, 7)), 0);
	assert_false(dm_exists(dm, &PATH_INST(3306, 7)));
}

static void execute_parses_its_arguments(void **state)
{
	static const char *const bad[] = { "a", "0,", ",0", "0=1", "0='a", "0='a'b", "0=''',1",
		"0,0", "10", "0='\"'" };
	struct dm *dm = ((struct fixture *)*state)->dm;
	struct path p = PATH_RES(1, 0, 8);

	assert_int_equal(dm_execute(dm, 1, &p, (const uint8_t *)"7='a b',0", 9, NULL, NULL), 0);
	assert_int_equal(dev.nargs, 2);
	assert_int_equal(dev.digit, 7);
	assert_string_equal(dev.arg, "a b");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(
			dm_execute(dm, 1, &p, (const uint8_t *)bad[i], strlen(bad[i]), NULL, NULL),
			LGW_EINVAL);
	dev.execute = LGW_PENDING;
	done_calls = 0;
	assert_int_equal(dm_execute(dm, 1, &p, NULL, 0, done, NULL), LGW_PENDING);
	dm_op_done(dev.op, LGW_ETIMEDOUT);
	assert_int_equal(status_of, LGW_ETIMEDOUT);
}

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
	assert_int_equal(dm_discover(dm, ssid, &p, write_link, NULL), 0);
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
	struct dm *dm = ((struct fixture *)*state)->dm;
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
	struct dm *dm = ((struct fixture *)*state)->dm;
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

static void the_list_of_register(void **state)
{
	struct dm *dm = ((struct fixture *)*state)->dm;

	text[0] = '\0';
	assert_int_equal(dm_list(dm, write_link, NULL), 0);
	assert_string_equal(text, "</1/0>,</3/0>,</3303>;ver=1.1,</3306>;ver=1.1,</3306/0>");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(values_change_once),
		T(texts_and_shapes_are_shared),
		cmocka_unit_test(the_matrix),
		T(a_write_is_all_or_nothing),
		T(replace_takes_away_what_is_not_named),
		T(a_device_takes_its_time),
		T(create_and_delete),
		T(execute_parses_its_arguments),
		T(attributes_inherit_and_are_each_servers_own),
		T(attributes_must_fit_together),
		T(the_list_of_register),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
