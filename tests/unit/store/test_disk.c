/* SPDX-License-Identifier: BSD-3-Clause */
/* The store on a disk that is full or damaged: what is there, what comes, and who waits. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>
#include "store/store.h"
#include "until.h"
#include "util/err.h"

static const struct path TEMP = { { 3303, 0, 5700 }, 3 };

struct fixture {
	char dir[32], file[64];
	struct store_params p;
	struct loop *loop;
	struct store *store;
	int alarms, status;
	bool reached;
};

static void on_alarm(void *ud, bool bad, const char *text)
{
	struct fixture *f = ud;

	(void)text;
	f->alarms += bad;
}

static const struct store_hooks hooks = { .alarm = on_alarm };

static void open_store(struct fixture *f)
{
	char text[256] = "";

	f->alarms = 0;
	assert_int_equal(store_new(&f->p, f->loop, loop_timers(f->loop), &hooks, f, &f->store, text,
				 sizeof(text)),
		LGW_OK);
	assert_true(store_survives(f->store));
}

static void reopen(struct fixture *f)
{
	store_free(f->store);
	open_store(f);
}

/* No file grows from here on, as on a full disk. */
static void disk_full(bool full)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = full ? 0 : r.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	signal(SIGXFSZ, SIG_IGN);
	snprintf(f->dir, sizeof(f->dir), "/tmp/lgw-disk-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->file, sizeof(f->file), "%s/store.db", f->dir);
	f->p = store_params_default;
	f->p.file = f->file;
	f->loop = loop_new();
	open_store(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-lock", ".corrupt-1",
		".corrupt-1-wal" };
	struct fixture *f = *state;
	char name[96];

	disk_full(false); /* where a test has failed meanwhile */
	store_free(f->store);
	loop_free(f->loop);
	for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
		snprintf(name, sizeof(name), "%s%s", f->file, ends[k]);
		unlink(name);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static void wait_for_alarm(struct fixture *f)
{
	UNTIL(f->loop, f->alarms);
	assert_int_equal(f->alarms, 1);
}

static void reach(void *ud, int status)
{
	struct fixture *f = ud;

	f->reached = true;
	f->status = status;
}

static void barrier(struct fixture *f)
{
	f->reached = false;
	store_barrier(f->store, reach, f);
	assert_false(f->reached); /* never from within */
}

static void settle(struct fixture *f)
{
	barrier(f);
	UNTIL(f->loop, f->reached);
	assert_int_equal(f->status, LGW_OK);
}

static void append(struct fixture *f, int64_t v)
{
	struct record r = { TEMP, VALUE_INT(v), 1700000000000 + v, NULL };

	assert_int_equal(line_append(line_get(f->store, "dev1", 1, &TEMP), &r), LGW_OK);
}

static int add(void *ud, const struct record *r)
{
	*(int64_t *)ud = *(int64_t *)ud * 10 + r->value.u.i;
	return LGW_OK;
}

/* What waits, its readings as the digits of a number. */
static int64_t waiting(struct fixture *f)
{
	int64_t digits = 0;
	uint64_t last;

	assert_int_equal(
		line_page(line_get(f->store, "dev1", 1, &TEMP), add, &digits, &last), LGW_OK);
	return digits;
}

/* Started while the disk is full: what is stored is there, what comes is written later on. */
static void starts_on_full_disk(void **state)
{
	struct fixture *f = *state;

	append(f, 1);
	store_free(f->store);
	disk_full(true);
	open_store(f);
	assert_int_equal(waiting(f), 1);
	append(f, 2);
	wait_for_alarm(f);
	assert_int_equal(waiting(f), 12);
	disk_full(false);
	settle(f);
	reopen(f);
	assert_int_equal(waiting(f), 12);
}

/* … and there is no file yet. */
static void begins_on_full_disk(void **state)
{
	struct fixture *f = *state;

	store_free(f->store);
	unlink(f->file);
	disk_full(true);
	open_store(f);
	append(f, 1);
	wait_for_alarm(f);
	disk_full(false);
	settle(f);
	reopen(f);
	assert_int_equal(waiting(f), 1);
}

/* At the end of the process nobody waits for a disk that fails. */
static void leaving(void **state)
{
	struct fixture *f = *state;

	append(f, 1);
	settle(f);
	disk_full(true);
	append(f, 2);
	barrier(f);
	wait_for_alarm(f);
	assert_false(f->reached);
	store_leave(f->store);
	assert_false(f->reached);
	UNTIL(f->loop, f->reached);
	assert_int_equal(f->status, LGW_ECANCELED);
	barrier(f);
	UNTIL(f->loop, f->reached);
	assert_int_equal(f->status, LGW_ECANCELED);
	disk_full(false);
	UNTIL(f->loop, !store_failing(f->store));
	settle(f); /* one that works is waited for */
	reopen(f);
	assert_int_equal(waiting(f), 12);
}

/* All pages of the file but the first ones, which hold no readings, become nonsense. */
static void scribble(struct fixture *f)
{
	char page[4096];
	off_t at, end;
	sqlite3 *db;
	int fd;

	assert_int_equal(sqlite3_open(f->file, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 60000);
	assert_int_equal(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL), 0);
	sqlite3_close(db);
	memset(page, 0x5a, sizeof(page));
	fd = open(f->file, O_WRONLY);
	end = lseek(fd, 0, SEEK_END);
	for (at = 4 * 4096; at < end; at += (off_t)sizeof(page))
		assert_int_equal(pwrite(fd, page, sizeof(page), at), sizeof(page));
	close(fd);
	assert_true(end > 8 * 4096);
}

/* Who reads finds the damage, not only who writes. */
static void damaged_pages(void **state)
{
	struct fixture *f = *state;
	struct store_status st;
	uint64_t last;
	int64_t n = 0;

	for (int k = 0; k < 3000; k++)
		append(f, 1);
	settle(f);
	scribble(f);
	assert_int_equal(
		line_page(line_get(f->store, "dev1", 1, &TEMP), add, &n, &last), LGW_EINVAL);
	wait_for_alarm(f);
	settle(f);
	store_status(f->store, &st);
	assert_int_equal(st.records, 0);
	assert_int_equal(st.dropped, 3000);
	append(f, 7);
	settle(f);
	assert_int_equal(waiting(f), 7);
	reopen(f);
	assert_int_equal(waiting(f), 7);
}

/* … also where writing had failed before for another reason. */
static void damaged_while_failing(void **state)
{
	struct fixture *f = *state;
	struct store_status st;
	sqlite3 *db;

	append(f, 1);
	settle(f);
	assert_int_equal(sqlite3_open(f->file, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 60000);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	append(f, 2);
	wait_for_alarm(f);
	assert_int_equal(
		sqlite3_exec(db, "DROP TABLE record; COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	UNTIL(f->loop, f->alarms == 2);
	settle(f);
	store_status(f->store, &st);
	assert_int_equal(st.dropped, 1);
	reopen(f);
	assert_int_equal(waiting(f), 2);
}

/* Somebody deletes the file under the daemon: it is noticed, and what comes is durable again. */
static void removed_while_running(void **state)
{
	struct fixture *f = *state;
	struct store_status st;
	char wal[80];

	append(f, 1);
	settle(f);
	snprintf(wal, sizeof(wal), "%s-wal", f->file);
	assert_int_equal(unlink(f->file), 0);
	assert_int_equal(unlink(wal), 0);
	append(f, 2);
	settle(f);
	assert_int_equal(f->alarms, 1);
	store_status(f->store, &st);
	assert_int_equal(st.dropped, 1);
	reopen(f);
	assert_int_equal(waiting(f), 2);
}

/* While the disk fails memory is bounded in bytes, too. */
static void failing_with_large_values(void **state)
{
	struct fixture *f = *state;
	static uint8_t text[60000];
	const struct record big = { TEMP, { .type = VT_STRING, .u.s = { text, sizeof(text) } },
		1700000000000, NULL };
	struct store_status st;

	settle(f);
	disk_full(true);
	append(f, 1);
	wait_for_alarm(f);
	for (int k = 0; k < 400; k++)
		assert_int_equal(line_append(line_get(f->store, "dev1", 1, &TEMP), &big), LGW_OK);
	store_status(f->store, &st);
	assert_true(st.bytes < 17u << 20);
	assert_true(st.records > 200);
	assert_int_equal(st.dropped, 401 - st.records);
	assert_int_equal(f->alarms, 2);
	disk_full(false);
	settle(f);
}

/* A device with large values is in nobody else's way. */
static void device_size(void **state)
{
	struct fixture *f = *state;
	static uint8_t text[60000];
	const struct record big = { TEMP, { .type = VT_STRING, .u.s = { text, sizeof(text) } },
		1700000000000, NULL };

	f->p.owner_bytes = 10 * sizeof(text);
	reopen(f);
	append(f, 7);
	settle(f);
	for (int k = 0; k < 20; k++)
		assert_int_equal(line_append(line_get(f->store, "dev2", 1, &TEMP), &big), LGW_OK);
	assert_int_equal(line_count(line_get(f->store, "dev2", 1, &TEMP)), 10);
	assert_int_equal(f->alarms, 1);
	assert_int_equal(waiting(f), 7);
	assert_true(store_knows(f->store, "dev2"));
	assert_false(store_knows(f->store, "dev3"));
	assert_int_equal(store_drop(f->store, "dev2"), 10);
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(starts_on_full_disk),
		TEST(begins_on_full_disk),
		TEST(leaving),
		TEST(damaged_pages),
		TEST(damaged_while_failing),
		TEST(removed_while_running),
		TEST(failing_with_large_values),
		TEST(device_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
