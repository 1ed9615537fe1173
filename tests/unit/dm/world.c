/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

#include "util/err.h"
#include "util/mem.h"

struct seen seen;
struct dev dev;

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
const struct dm_hooks world_hooks = { .value = on_value, .structure = on_structure };

static int dev_check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	(void)ud, (void)ssid, (void)c;
	dev.checked++;
	dev.nchanges = n;
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
	return dev.may;
}
static const struct object_ops dev_ops = { .check = dev_check,
	.apply = dev_apply,
	.committed = dev_committed,
	.execute = dev_execute,
	.create = dev_may,
	.remove = dev_may };
static const struct object_ops making_ops = { .check = dev_check,
	.apply = dev_apply,
	.committed = dev_committed,
	.execute = dev_execute,
	.create = dev_may,
	.remove = dev_may,
	.writes_make_resources = true };

void world_set(struct dm *dm, struct path p, struct value v)
{
	assert_int_equal(dm_set(dm, &p, &v, 0), 0);
}

int64_t world_int(struct dm *dm, struct path p)
{
	struct value v;

	assert_int_equal(dm_get(dm, &p, &v, NULL), 0);
	return v.u.i;
}

int world_add(struct dm_txn *t, struct path p, const char *text)
{
	struct record r = { .path = p };

	if (text)
		r.value = (struct value){ .type = VT_RAW_TEXT,
			.u.s = { (const uint8_t *)text, (uint32_t)strlen(text) } };
	return dm_txn_add(t, &r);
}

struct path world_path(const char *text)
{
	struct path p;

	assert_int_equal(path_parse(&p, text, strlen(text)), 0);
	return p;
}

int world_setup(void **state)
{
	struct world *f = xcalloc(1, sizeof(*f));
	struct dm *dm;

	f->defs = fixture_defs();
	dm = f->dm = dm_new(&world_hooks, f);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 0), NULL, NULL), 0);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 1), &making_ops, NULL), 0);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 3), NULL, NULL), 0);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 3306), &dev_ops, NULL), 0);
	assert_int_equal(dm_object_add(dm, objdefs_find(f->defs, 3303), NULL, NULL), 0);
	assert_int_equal(dm_instance_add(dm, 0, 0), 0);
	assert_int_equal(dm_instance_add(dm, 1, 0), 0);
	assert_int_equal(dm_instance_add(dm, 3, 0), 0);
	assert_int_equal(dm_instance_add(dm, 3306, 0), 0);
	world_set(dm, PATH_RES(1, 0, 0), VALUE_INT(1));
	world_set(dm, PATH_RES(1, 0, 1), VALUE_INT(86400));
	world_set(dm, PATH_RES(1, 0, 2), VALUE_INT(1));
	world_set(dm, PATH_RES(1, 0, 6), VALUE_BOOL(true));
	world_set(dm, PATH_RES(1, 0, 7), VALUE_STR("U"));
	dm_declare(dm, &PATH_RES(1, 0, 8));
	world_set(dm, PATH_RES(3, 0, 0), VALUE_STR("Open Mobile Alliance"));
	world_set(dm, PATH_RI(3, 0, 6, 0), VALUE_INT(1));
	world_set(dm, PATH_RI(3, 0, 6, 1), VALUE_INT(5));
	world_set(dm, PATH_RES(3, 0, 9), VALUE_INT(100));
	world_set(dm, PATH_RI(3, 0, 11, 0), VALUE_INT(0));
	world_set(dm, PATH_RES(3, 0, 16), VALUE_STR("U"));
	world_set(dm, PATH_RES(3306, 0, 5850), VALUE_BOOL(false));
	world_set(dm, PATH_RES(3306, 0, 5750), VALUE_STR("plug"));
	memset(&seen, 0, sizeof(seen));
	memset(&dev, 0, sizeof(dev));
	*state = f;
	return 0;
}

int world_teardown(void **state)
{
	struct world *f = *state;

	dm_free(f->dm);
	objdefs_unref(f->defs);
	free(f);
	return 0;
}
