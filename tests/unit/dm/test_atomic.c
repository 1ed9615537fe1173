/* SPDX-License-Identifier: BSD-3-Clause */
/* A device that refuses in the middle: the old state is there again, before the asker is told. */
#include "world.h"

#include "util/err.h"
#include "util/mem.h"

#define LIGHT 3311

/* Lights that do one thing after the other, and report what they did. */
static struct lights {
	struct dm *dm;
	struct path refuses, mute; /* mute: does it without a report */
	bool late;                 /* results come by finish() */
	bool takes_back;           /* refuses nothing any more after the first refusal */
	struct dm_op *op;
	int status;
	char did[256]; /* "/3311/0/5850=1 " … */
	unsigned committed;
} lights;

static int one(struct dm_change *c)
{
	char path[PATH_TEXT_MAX];
	size_t len = strlen(lights.did);

	if (path_eq(&c->path, &lights.refuses)) {
		if (lights.takes_back)
			lights.refuses.n = 0;
		return LGW_EREFUSED;
	}
	snprintf(lights.did + len, sizeof(lights.did) - len, "%s=%lld ", path_text(path, &c->path),
		c->value.type == VT_BOOL ? (long long)c->value.u.b : (long long)c->value.u.i);
	if (!path_eq(&c->path, &lights.mute))
		assert_int_equal(dm_set(lights.dm, &c->path, &c->value, 0), 0);
	return LGW_OK;
}

static int lights_apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	int status = LGW_OK;

	(void)ud, (void)ssid;
	for (size_t k = 0; k < n; k++) {
		int r = one(&c[k]);

		c[k].handled = true;
		status = status ? status : r;
	}
	lights.op = op;
	lights.status = status;
	return lights.late ? LGW_PENDING : status;
}

static void lights_committed(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	(void)ud, (void)ssid, (void)c, (void)n;
	lights.committed++;
}

static const struct object_ops ops = {
	.apply = lights_apply, .committed = lights_committed, .reversible = true
};

static int set_up(void **state)
{
	struct world *w;

	world_setup(state);
	w = *state;
	lights = (struct lights){ .dm = w->dm, .takes_back = true };
	assert_int_equal(dm_object_add(w->dm, objdefs_find(w->defs, LIGHT), &ops, NULL), 0);
	for (uint16_t iid = 0; iid < 3; iid++) {
		assert_int_equal(dm_instance_add(w->dm, LIGHT, iid), iid);
		world_set(w->dm, PATH_RES(LIGHT, iid, 5850), VALUE_BOOL(false));
		world_set(w->dm, PATH_RES(LIGHT, iid, 5851), VALUE_INT(10 * iid));
	}
	return 0;
}

static int tear_down(void **state)
{
	return world_teardown(state);
}

static int told;
static unsigned times;
static void done(void *ud, int status)
{
	(void)ud;
	told = status;
	times++;
}

/* What the lights have to say, until they are not asked any more. */
static void finish(void)
{
	while (lights.op) {
		struct dm_op *op = lights.op;

		lights.op = NULL;
		dm_op_done(op, lights.status);
	}
}

static bool on(struct dm *dm, uint16_t iid)
{
	struct value v;

	assert_int_equal(dm_get(dm, &PATH_RES(LIGHT, iid, 5850), &v, NULL), 0);
	return v.u.b;
}

/* Runs what began with r to its end. */
static int end_of(int r)
{
	if (r != LGW_PENDING) {
		assert_int_equal(times, 0);
		return r;
	}
	assert_int_equal(times, 0); /* not before the old state is there */
	finish();
	assert_int_equal(times, 1);
	return told;
}

static int write_instance(struct dm *dm, enum dm_write_mode mode)
{
	struct dm_txn *t;

	times = 0;
	assert_int_equal(dm_txn_begin(dm, 1, mode, &PATH_INST(LIGHT, 0), &t), 0);
	assert_int_equal(world_add(t, PATH_RES(LIGHT, 0, 5850), "1"), 0);
	assert_int_equal(world_add(t, PATH_RES(LIGHT, 0, 5851), "70"), 0);
	return end_of(dm_txn_commit(t, done, NULL, NULL, NULL));
}

static void an_instance_is_written_whole(void **state)
{
	struct dm *dm = world_dm(state);

	for (int late = 0; late < 2; late++) {
		lights.late = late;
		lights.refuses = PATH_RES(LIGHT, 0, 5851);
		*lights.did = '\0';
		assert_int_equal(write_instance(dm, DM_UPDATE), LGW_EREFUSED);
		assert_string_equal(lights.did, "/3311/0/5850=1 /3311/0/5850=0 ");
		assert_false(on(dm, 0));
		assert_int_equal(world_int(dm, PATH_RES(LIGHT, 0, 5851)), 0);
	}
	lights.refuses.n = 0;
	assert_int_equal(write_instance(dm, DM_UPDATE), LGW_OK);
	assert_true(on(dm, 0));
	assert_int_equal(world_int(dm, PATH_RES(LIGHT, 0, 5851)), 70);
}

/* What it did without saying so is not known to have happened: it is left alone. */
static void only_what_came_to_be_is_taken_back(void **state)
{
	struct dm *dm = world_dm(state);

	lights.refuses = PATH_RES(LIGHT, 0, 5851);
	lights.mute = PATH_RES(LIGHT, 0, 5850);
	assert_int_equal(write_instance(dm, DM_UPDATE), LGW_EREFUSED);
	assert_string_equal(lights.did, "/3311/0/5850=1 ");
}

/* It refuses its old value, too: the asker is told of the first refusal, once. */
static void what_cannot_be_taken_back(void **state)
{
	struct dm *dm = world_dm(state);

	for (int late = 0; late < 2; late++) {
		lights.late = late;
		lights.takes_back = false;
		lights.refuses = PATH_RES(LIGHT, 0, 5851);
		assert_int_equal(write_instance(dm, DM_UPDATE), LGW_EREFUSED);
	}
}

/* --- several instances ----------------------------------------------------------------------- */

static void add(struct dm_batch *b, struct path p, const char *text)
{
	struct record r = { .path = p,
		.value = {
			VT_RAW_TEXT, { .s = { (const uint8_t *)text, (uint32_t)strlen(text) } } } };

	assert_int_equal(dm_batch_add(b, &r), 0);
}

static int write_lights(struct dm *dm)
{
	struct dm_batch *b = dm_batch_new(dm, 1);

	times = 0;
	*lights.did = '\0';
	add(b, PATH_RES(1, 0, 1), "60"); /* certain: last, whatever its place */
	for (uint16_t iid = 0; iid < 3; iid++)
		add(b, PATH_RES(LIGHT, iid, 5850), "1");
	return end_of(dm_batch_commit(b, done, NULL));
}

static void the_second_of_three_refuses(void **state)
{
	struct dm *dm = world_dm(state);

	for (int late = 0; late < 2; late++)
		for (uint16_t bad = 0; bad < 3; bad++) {
			lights.late = late;
			lights.refuses = PATH_RES(LIGHT, bad, 5850);
			assert_int_equal(write_lights(dm), LGW_EREFUSED);
			assert_string_equal(lights.did, bad == 0 ? ""
							: bad == 1
								? "/3311/0/5850=1 /3311/0/5850=0 "
								: "/3311/0/5850=1 /3311/1/5850=1 "
								  "/3311/1/5850=0 /3311/0/5850=0 ");
			for (uint16_t iid = 0; iid < 3; iid++)
				assert_false(on(dm, iid));
			assert_int_equal(world_int(dm, PATH_RES(1, 0, 1)), 86400);
		}
	lights.refuses.n = 0;
	assert_int_equal(write_lights(dm), LGW_OK);
	for (uint16_t iid = 0; iid < 3; iid++)
		assert_true(on(dm, iid));
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 1)), 60);
}

/* Object 1 refuses when the lights are on already. */
static void the_last_one_refuses(void **state)
{
	struct dm *dm = world_dm(state);

	for (int late = 0; late < 2; late++) {
		lights.late = late;
		dev.apply = LGW_EREFUSED;
		assert_int_equal(write_lights(dm), LGW_EREFUSED);
		for (uint16_t iid = 0; iid < 3; iid++)
			assert_false(on(dm, iid));
		assert_int_equal(world_int(dm, PATH_RES(1, 0, 1)), 86400);
	}
}

/* Without old values: one such instance can be the last one, two cannot be one write. */
static void what_was_never_known(void **state)
{
	struct dm *dm = world_dm(state);

	lights.refuses = PATH_RES(LIGHT, 0, 5850);
	dm_unset(dm, &PATH_RES(LIGHT, 0, 5850));
	dm_declare(dm, &PATH_RES(LIGHT, 0, 5850));
	dev.apply = LGW_OK;
	assert_int_equal(write_lights(dm), LGW_EINVAL); /* object 1 may refuse, too */
	assert_string_equal(lights.did, "");
	dm_object_remove(dm, 1);
	for (int late = 0; late < 2; late++) {
		struct dm_batch *b = dm_batch_new(dm, 1);

		lights.late = late;
		lights.refuses = PATH_RES(LIGHT, 0, 5850);
		*lights.did = '\0';
		times = 0;
		for (uint16_t iid = 0; iid < 2; iid++)
			add(b, PATH_RES(LIGHT, iid, 5850), "1");
		assert_int_equal(end_of(dm_batch_commit(b, done, NULL)), LGW_EREFUSED);
		assert_string_equal(lights.did, "/3311/1/5850=1 /3311/1/5850=0 ");
	}
}

/* All goes while the lights think, be it of the new values or of the old ones. */
static void the_client_goes(void **state)
{
	struct world *w = *state;
	struct dm_batch *b = dm_batch_new(w->dm, 1);
	struct dm_op *held;

	lights.late = true;
	lights.refuses = PATH_RES(LIGHT, 1, 5850);
	for (uint16_t iid = 0; iid < 3; iid++)
		add(b, PATH_RES(LIGHT, iid, 5850), "1");
	times = 0;
	assert_int_equal(dm_batch_commit(b, done, NULL), LGW_PENDING);
	dm_op_done(lights.op, LGW_OK);       /* the first one */
	dm_op_done(lights.op, LGW_EREFUSED); /* the second one: the first is asked again */
	held = lights.op;
	dm_free(w->dm);
	w->dm = NULL;
	assert_int_equal(times, 1);
	assert_int_equal(told, LGW_EREFUSED);
	dm_op_done(held, LGW_OK);
	assert_int_equal(times, 1);
}

/* --- object level ---------------------------------------------------------------------------- */

/* Bootstrap-Write of three instances: the handler refuses one of them. */
static int refuse_instance(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	(void)ssid, (void)op;
	for (size_t k = 0; k < n; k++)
		if (c[k].path.id[1] == *(const uint16_t *)ud)
			return LGW_EREFUSED;
	return LGW_OK;
}
static const struct object_ops refusing_ops = { .apply = refuse_instance };

static void an_object_is_written_whole(void **state)
{
	static uint16_t bad = 1;
	struct world *w = *state;
	struct dm_txn *t;

	dm_object_remove(w->dm, LIGHT);
	assert_int_equal(
		dm_object_add(w->dm, objdefs_find(w->defs, LIGHT), &refusing_ops, &bad), 0);
	assert_int_equal(dm_instance_add(w->dm, LIGHT, 0), 0);
	world_set(w->dm, PATH_RES(LIGHT, 0, 5850), VALUE_BOOL(false));
	for (bad = 0; bad < 4; bad++) {
		assert_int_equal(dm_txn_begin(w->dm, 0, DM_BOOTSTRAP, &PATH_OBJ(LIGHT), &t), 0);
		for (uint16_t iid = 0; iid < 3; iid++)
			assert_int_equal(world_add(t, PATH_RES(LIGHT, iid, 5850), "1"), 0);
		assert_int_equal(
			dm_txn_commit(t, NULL, NULL, NULL, NULL), bad < 3 ? LGW_EREFUSED : LGW_OK);
		assert_int_equal(on(w->dm, 0), bad == 3);
		assert_int_equal(dm_exists(w->dm, &PATH_INST(LIGHT, 1)), bad == 3);
		assert_int_equal(dm_exists(w->dm, &PATH_INST(LIGHT, 2)), bad == 3);
	}
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_instance_is_written_whole),
		TEST(only_what_came_to_be_is_taken_back),
		TEST(what_cannot_be_taken_back),
		TEST(the_second_of_three_refuses),
		TEST(the_last_one_refuses),
		TEST(what_was_never_known),
		TEST(the_client_goes),
		TEST(an_object_is_written_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
