/* SPDX-License-Identifier: BSD-3-Clause */
/* Write, Create, Execute, and results that come later. */
#include "world.h"

#include <string.h>
#include "util/err.h"
#include "util/mem.h"

/* --- writes -------------------------------------------------------------------------------- */

static void a_write_is_all_or_nothing(void **state)
{
	struct dm *dm = world_dm(state);
	struct dm_txn *t;

	assert_int_equal(dm_txn_begin(dm, 1, DM_UPDATE, &PATH_INST(1, 0), &t), 0);
	assert_int_equal(world_add(t, PATH_RES(1, 0, 1), "60"), 0);
	assert_int_equal(world_add(t, PATH_RES(1, 0, 0), "5"), LGW_EOP);
	dm_txn_abort(t);
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 1)), 86400);
	dev.check = LGW_EINVAL;
	assert_int_equal(dm_txn_begin(dm, 1, DM_UPDATE, &PATH_INST(1, 0), &t), 0);
	assert_int_equal(world_add(t, PATH_RES(1, 0, 1), "60"), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), LGW_EINVAL);
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 1)), 86400);
	dev.check = 0;
	dev.apply = LGW_EREFUSED;
	assert_int_equal(dm_txn_begin(dm, 1, DM_UPDATE, &PATH_INST(1, 0), &t), 0);
	assert_int_equal(world_add(t, PATH_RES(1, 0, 1), "60"), 0);
	assert_int_equal(world_add(t, PATH_RES(1, 0, 1), "61"), LGW_EINVAL); /* twice */
	assert_int_equal(world_add(t, PATH_RES(3, 0, 1), "61"), LGW_EINVAL); /* elsewhere */
	assert_int_equal(world_add(t, PATH_RES(1, 0, 99), "61"), LGW_ENOENT);
	assert_int_equal(world_add(t, PATH_RI(1, 0, 2, 0), "61"), LGW_EINVAL);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), LGW_EREFUSED);
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 1)), 86400);
	assert_int_equal(seen.values, 0);
	assert_int_equal(dev.committed, 0);
}

static void replace_takes_away_what_is_not_named(void **state)
{
	struct dm *dm = world_dm(state);
	struct dm_txn *t;

	assert_int_equal(dm_txn_begin(dm, 1, DM_REPLACE, &PATH_INST(1, 0), &t), 0);
	assert_int_equal(world_add(t, PATH_RES(1, 0, 1), "60"), 0);
	assert_int_equal(world_add(t, PATH_RES(1, 0, 6), "0"), 0);
	assert_int_equal(world_add(t, PATH_RES(1, 0, 7), "UQ"), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), 0);
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 1)), 60);
	assert_false(dm_exists(dm, &PATH_RES(1, 0, 2)));
	assert_true(dm_exists(dm, &PATH_RES(1, 0, 8)));
	assert_int_equal(world_int(dm, PATH_RES(1, 0, 0)), 1);
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
	struct dm *dm = world_dm(state);
	struct path p = PATH_RES(3306, 0, 5850);
	struct value v;
	struct dm_txn *t;

	done_calls = 0;
	dev.apply = LGW_PENDING;
	assert_int_equal(dm_txn_begin(dm, 1, DM_REPLACE, &p, &t), 0);
	assert_int_equal(world_add(t, p, "1"), 0);
	assert_int_equal(dm_txn_commit(t, done, NULL, NULL, NULL), LGW_PENDING);
	dm_get(dm, &p, &v, NULL);
	assert_false(v.u.b);
	dm_op_done(dev.op, LGW_OK);
	assert_int_equal(done_calls, 1);
	assert_int_equal(status_of, LGW_OK);
	dm_get(dm, &p, &v, NULL);
	assert_true(v.u.b);
	/* A second one is under way when its instance goes. */
	assert_int_equal(dm_txn_begin(dm, 1, DM_REPLACE, &p, &t), 0);
	assert_int_equal(world_add(t, p, "0"), 0);
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
	assert_int_equal(world_add(t, p, "0"), 0);
	assert_int_equal(dm_txn_commit(t, done, NULL, NULL, NULL), LGW_PENDING);
	dm_free(dm);
	((struct world *)*state)->dm = NULL;
	assert_int_equal(done_calls, 3);
	dm_op_done(dev.op, LGW_OK);
	assert_int_equal(done_calls, 3);
}

static void create_and_delete(void **state)
{
	struct dm *dm = world_dm(state);
	struct dm_txn *t;
	uint16_t iid;
	bool by_client;

	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(world_add(t, PATH_RES(3306, 65535, 5850), "1"), 0);
	assert_int_equal(world_add(t, PATH_RES(3306, 65535, 4711), "1"), 0); /* unknown: ignored */
	assert_int_equal(dm_txn_commit(t, NULL, NULL, &iid, &by_client), 0);
	assert_int_equal(iid, 1);
	assert_true(by_client);
	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(world_add(t, PATH_RES(3306, 7, 5850), "1"), 0);
	assert_int_equal(world_add(t, PATH_RES(3306, 8, 5850), "1"), LGW_EINVAL);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, &iid, &by_client), 0);
	assert_int_equal(iid, 7);
	assert_false(by_client);
	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(world_add(t, PATH_RES(3306, 7, 5850), "1"), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, &iid, NULL), LGW_EINVAL);
	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, &iid, NULL), LGW_EINVAL); /* 5850 missing */
	dev.apply = LGW_EREFUSED;
	assert_int_equal(dm_txn_begin(dm, 1, DM_CREATE, &PATH_OBJ(3306), &t), 0);
	assert_int_equal(world_add(t, PATH_RES(3306, 9, 5850), "1"), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), LGW_EREFUSED);
	assert_false(dm_exists(dm, &PATH_INST(3306, 9)));
	assert_int_equal(dm_delete(dm, 1, &PATH_INST(3306, 7)), 0);
	assert_false(dm_exists(dm, &PATH_INST(3306, 7)));
}

static void execute_parses_its_arguments(void **state)
{
	static const char *const bad[] = { "a", "0,", ",0", "0=1", "0='a", "0='a'b", "0=''',1",
		"0,0", "10", "0='\"'" };
	struct dm *dm = world_dm(state);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(a_write_is_all_or_nothing),
		WORLD(replace_takes_away_what_is_not_named),
		WORLD(a_device_takes_its_time),
		WORLD(create_and_delete),
		WORLD(execute_parses_its_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
