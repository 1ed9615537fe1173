/* SPDX-License-Identifier: BSD-3-Clause */
/* The store, in RAM and in a file: lines in order, facts, limits, restarts, damage, migration. */
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "store/item.h"
#include "store/store.h"
#include "until.h"
#include "util/err.h"

static const struct path TEMP = { { 3303, 0, 5700 }, 3 };
static const struct path HUM = { { 3304, 0, 5700 }, 3 };

struct fixture {
	char dir[32], file[64];
	struct store_params p;
	struct loop *loop;
	struct store *store;
	int alarms;
	bool reached;
};

static void on_alarm(void *ud, bool bad, const char *text)
{
	struct fixture *f = ud;

	(void)text;
	f->alarms += bad;
}

static const struct store_hooks hooks = { .alarm = on_alarm };

static int open_store(struct fixture *f)
{
	char text[256] = "";

	return store_new(
		&f->p, f->loop, loop_timers(f->loop), &hooks, f, &f->store, text, sizeof(text));
}

static struct fixture *begin(bool file)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/lgw-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->file, sizeof(f->file), "%s/store.db", f->dir);
	f->p = store_params_default;
	f->p.file = file ? f->file : NULL;
	f->loop = loop_new();
	assert_int_equal(open_store(f), LGW_OK);
	return f;
}

static void end(struct fixture *f)
{
	char command[96];

	store_free(f->store);
	loop_free(f->loop);
	for (int k = 0; k < 8; k++) {
		static const char *const names[] = { "store.db", "store.db-wal", "store.db-shm",
			"store.db.corrupt-1", "store.db.corrupt-1-wal", "store.db.corrupt-2",
			"store.db.corrupt-2-wal", "store.db-lock" };

		snprintf(command, sizeof(command), "%s/%s", f->dir, names[k]);
		unlink(command);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
}

/* What another connection does to the file, after what the store is just writing. */
static sqlite3 *beside(const struct fixture *f, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->file, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 60000);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static void reopen(struct fixture *f)
{
	store_free(f->store);
	f->store = NULL;
	assert_int_equal(open_store(f), LGW_OK);
}

static void reach(void *ud, int status)
{
	assert_int_equal(status, LGW_OK);
	((struct fixture *)ud)->reached = true;
}

static void settle(struct fixture *f)
{
	f->reached = false;
	store_barrier(f->store, reach, f);
	assert_false(f->reached); /* never from within */
	UNTIL(f->loop, f->reached);
}

static void append(struct store_line *l, const struct path *p, int64_t v)
{
	struct record r = { *p, VALUE_INT(v), 1700000000000 + v, NULL };

	assert_int_equal(line_append(l, &r), LGW_OK);
}

struct seen {
	int64_t v[512];
	unsigned n, max;
};

static int see(void *ud, const struct record *r)
{
	struct seen *s = ud;

	if (s->n == s->max)
		return LINE_ENOUGH;
	assert_int_equal(r->time_ms, 1700000000000 + r->value.u.i);
	s->v[s->n++] = r->value.u.i;
	return LGW_OK;
}

static uint64_t expect(struct store_line *l, unsigned max, int64_t first, unsigned n)
{
	struct seen s = { .max = max };
	uint64_t last;

	assert_int_equal(line_page(l, see, &s, &last), LGW_OK);
	assert_int_equal(s.n, n);
	for (unsigned k = 0; k < n; k++)
		assert_int_equal(s.v[k], first + k);
	return last;
}

static void lines_in_order(struct fixture *f)
{
	struct store_line *t = line_get(f->store, "dev1", 1, &TEMP);
	struct store_line *h = line_get(f->store, "dev1", 1, &HUM);
	uint64_t last;

	assert_ptr_equal(t, line_get(f->store, "dev1", 1, &TEMP));
	assert_ptr_not_equal(t, line_get(f->store, "dev1", 2, &TEMP));
	assert_int_equal(line_oldest(t), UINT64_MAX);
	for (int k = 0; k < 10; k++)
		append(t, &TEMP, k);
	append(h, &HUM, 100);
	assert_true(line_oldest(t) < line_oldest(h));
	last = expect(t, 4, 0, 4); /* some not durable yet */
	line_remove(t, last, LINE_DELIVERED);
	expect(t, 512, 4, 6);
	settle(f);
	last = expect(t, 3, 4, 3); /* all durable */
	append(t, &TEMP, 10);
	expect(t, 512, 4, 7); /* some here, some there */
	line_remove(t, last, LINE_DELIVERED);
	line_remove(t, last, LINE_DELIVERED); /* again: nothing */
	expect(t, 512, 7, 4);
	assert_int_equal(line_count(t), 4);
	settle(f);
	expect(t, 512, 7, 4);
	line_remove(t, line_newest(t), LINE_REPLACED);
	assert_int_equal(line_count(t), 0);
	expect(t, 512, 0, 0);
	line_drop(t);
	line_drop(NULL);
	settle(f);
	expect(h, 512, 100, 1);
}

static void count_lines(
	void *ud, struct store_line *l, uint16_t ssid, const struct path *p, int64_t idle)
{
	(void)l;
	(void)ssid;
	(void)p;
	*(int64_t *)ud += idle;
}

static void get_fact(void *ud, const uint8_t *key, size_t key_len, const uint8_t *v, size_t len)
{
	char *out = ud;

	snprintf(out + strlen(out), 64 - strlen(out), "%.*s=%.*s;", (int)key_len, (const char *)key,
		(int)len, (const char *)v);
}

static void facts(struct fixture *f)
{
	char out[64] = "";

	store_put(f->store, STORE_REGISTRATION, "dev1", "1", 1, "old", 3);
	store_put(f->store, STORE_REGISTRATION, "dev1", "1", 1, "new", 3);
	store_put(f->store, STORE_REGISTRATION, "dev1", "2", 1, "x", 1);
	store_put(f->store, STORE_OBSERVATION, "dev1", "2", 1, "y", 1);
	store_put(f->store, STORE_REGISTRATION, "dev2", "", 0, "", 0);
	store_del(f->store, STORE_REGISTRATION, "dev1", "2", 1);
	store_forget(f->store, STORE_OBSERVATION, "dev1");
	settle(f);
	if (f->p.file)
		reopen(f);
	store_adopt(f->store, STORE_REGISTRATION, "dev1", get_fact, out);
	assert_string_equal(out, "1=new;");
	store_adopt(f->store, STORE_REGISTRATION, "dev1", get_fact, out); /* once */
	assert_string_equal(out, "1=new;");
	store_adopt(f->store, STORE_OBSERVATION, "dev1", get_fact, out);
	store_adopt(f->store, STORE_REGISTRATION, "dev2", get_fact, out);
	assert_string_equal(out, "1=new;=;");
}

static void full(struct fixture *f)
{
	struct store_line *t, *h;
	struct store_status st;
	struct seen s = { .max = 512 };
	uint64_t last;

	f->p.max_records = 180;
	f->p.owner_records = 100;
	reopen(f);
	t = line_get(f->store, "dev1", 1, &TEMP);
	h = line_get(f->store, "dev2", 1, &HUM);
	for (int k = 0; k < 190; k++)
		append(t, &TEMP, k);
	assert_true(line_count(t) <= 100);
	assert_int_equal(f->alarms, 1);
	for (int k = 190; k < 290; k++)
		append(h, &HUM, k);
	assert_int_equal(line_count(h), 100);
	settle(f);
	store_status(f->store, &st);
	assert_true(st.records <= 180);
	assert_int_equal(st.appended, 290);
	assert_int_equal(st.dropped, 290 - st.records);
	assert_int_equal(st.records, line_count(t) + line_count(h));
	assert_int_equal(st.pending, 0);
	line_page(t, see, &s, &last); /* the newest are left */
	assert_int_equal(s.v[s.n - 1], 189);
	assert_int_equal(st.oldest_ms, 1700000000000 + s.v[0]);
	assert_int_equal(store_drop(f->store, "dev2"), 100);
	assert_int_equal(store_drop(f->store, NULL), s.n);
}

/* The past gets coarser: both ends stay, and the order. */
static void thinned(struct fixture *f)
{
	struct store_line *t, *h;
	struct store_status st;
	struct seen s = { .max = 512 };
	uint64_t last;
	int64_t step = 0;

	f->p.owner_records = 100;
	f->p.room = STORE_ROOM_THIN;
	reopen(f);
	t = line_get(f->store, "dev1", 1, &TEMP);
	h = line_get(f->store, "dev1", 1, &HUM);
	append(h, &HUM, 5000);
	for (int k = 0; k < 1000; k++) {
		append(t, &TEMP, k);
		if (k % 150 == 0)
			settle(f);
	}
	assert_true(line_count(t) <= 100 && line_count(t) > 60);
	assert_int_equal(line_count(h), 1); /* the longest line makes room */
	assert_int_equal(f->alarms, 1);
	line_page(t, see, &s, &last);
	assert_int_equal(s.n, line_count(t));
	assert_int_equal(s.v[0], 0);
	assert_int_equal(s.v[s.n - 1], 999);
	for (unsigned k = 1; k < s.n; k++) {
		assert_true(s.v[k] > s.v[k - 1]);
		step = s.v[k] - s.v[k - 1] > step ? s.v[k] - s.v[k - 1] : step;
	}
	assert_true(step > 4);
	settle(f);
	if (f->p.file)
		reopen(f);
	t = line_get(f->store, "dev1", 1, &TEMP);
	assert_int_equal(line_count(t), s.n);
	store_status(f->store, &st);
	assert_int_equal(st.records, s.n + 1);
	last = s.n;
	s.n = 0;
	line_page(t, see, &s, &(uint64_t){ 0 });
	assert_int_equal(s.n, last);
	line_remove(t, line_newest(t), LINE_DELIVERED);
	assert_int_equal(line_count(t), 0);
	store_status(f->store, &st);
	assert_int_equal(st.records, 1);
	assert_int_equal(store_drop(f->store, NULL), 1);
	store_status(f->store, &st);
	assert_int_equal(st.bytes, 0);
}

#define BOTH(name)                                \
	static void ram_##name(void **state)      \
	{                                         \
		struct fixture *f = begin(false); \
		(void)state;                      \
		name(f);                          \
		end(f);                           \
	}                                         \
	static void file_##name(void **state)     \
	{                                         \
		struct fixture *f = begin(true);  \
		(void)state;                      \
		name(f);                          \
		end(f);                           \
	}
BOTH(lines_in_order)
BOTH(facts)
BOTH(full)
BOTH(thinned)

static void restart(void **state)
{
	struct fixture *f = begin(true);
	struct store_line *t = line_get(f->store, "dev1", 1, &TEMP);
	int64_t idle = 0;

	(void)state;
	for (int k = 0; k < 300; k++)
		append(t, &TEMP, k);
	line_remove(t, expect(t, 100, 0, 100), LINE_DELIVERED);
	line_idle(t, 1700000001234);
	reopen(f); /* what was queued is written first */
	line_each(f->store, "dev1", count_lines, &idle);
	assert_int_equal(idle, 1700000001234);
	t = line_get(f->store, "dev1", 1, &TEMP);
	assert_int_equal(line_count(t), 200);
	append(t, &TEMP, 300);
	expect(t, 201, 100, 201);
	line_drop(t);
	reopen(f);
	idle = 0;
	line_each(f->store, "dev1", count_lines, &idle);
	assert_int_equal(idle, 0);
	end(f);
}

static void damaged(void **state)
{
	struct fixture *f = begin(true);
	char aside[96];
	int fd;

	(void)state;
	store_free(f->store);
	fd = open(f->file, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "this is no database, but long enough to be read", 47), 47);
	close(fd);
	assert_int_equal(open_store(f), LGW_OK);
	assert_int_equal(f->alarms, 1);
	append(line_get(f->store, "dev1", 1, &TEMP), &TEMP, 1);
	settle(f);
	snprintf(aside, sizeof(aside), "%s.corrupt-1", f->file);
	assert_int_equal(access(aside, F_OK), 0);
	end(f);
}

/* The table goes away under the daemon: a new file, and what was not durable is in it. */
static void damaged_while_running(void **state)
{
	struct fixture *f = begin(true);
	struct store_line *t = line_get(f->store, "dev1", 1, &TEMP);

	(void)state;
	append(t, &TEMP, 0);
	settle(f);
	line_remove(t, line_newest(t), LINE_DELIVERED);
	settle(f);
	sqlite3_close(beside(f, "DROP TABLE record"));
	append(t, &TEMP, 1);
	settle(f);
	assert_int_equal(f->alarms, 1);
	reopen(f);
	expect(line_get(f->store, "dev1", 1, &TEMP), 9, 1, 1);
	end(f);
}

/* What waited in the damaged file is lost, and counted so. */
static void damaged_with_readings(void **state)
{
	struct fixture *f = begin(true);
	struct store_line *t = line_get(f->store, "dev1", 1, &TEMP);
	struct store_status st;

	(void)state;
	for (int k = 0; k < 10; k++)
		append(t, &TEMP, k);
	settle(f);
	sqlite3_close(beside(f, "DROP TABLE record"));
	append(t, &TEMP, 10);
	settle(f);
	store_status(f->store, &st);
	assert_int_equal(st.records, 1);
	assert_int_equal(st.dropped, 10);
	assert_int_equal(line_count(t), 1);
	line_remove(t, expect(t, 9, 10, 1), LINE_DELIVERED);
	assert_int_equal(line_count(t), 0);
	end(f);
}

static void locked(void **state)
{
	struct fixture *f = begin(true);
	struct store_line *t = line_get(f->store, "dev1", 1, &TEMP);
	sqlite3 *db;

	(void)state;
	settle(f);
	db = beside(f, "BEGIN IMMEDIATE");
	append(t, &TEMP, 1);
	store_barrier(f->store, reach, f);
	f->reached = false;
	UNTIL(f->loop, f->alarms);
	assert_int_equal(f->alarms, 1);
	assert_false(f->reached);
	expect(t, 9, 1, 1); /* serving goes on */
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db);
	UNTIL(f->loop, f->reached);
	end(f);
}

/* While the disk fails for long, memory is bounded: the newest are kept. */
static void failing_for_long(void **state)
{
	struct fixture *f = begin(true);
	struct store_line *t = line_get(f->store, "dev1", 1, &TEMP);
	struct store_status st;
	sqlite3 *db;

	(void)state;
	append(t, &TEMP, 0);
	settle(f);
	db = beside(f, "BEGIN IMMEDIATE");
	append(t, &TEMP, 1);
	UNTIL(f->loop, f->alarms);
	assert_int_equal(f->alarms, 1);
	for (int k = 2; k < 60000; k++)
		append(t, &TEMP, k);
	store_status(f->store, &st);
	assert_true(st.failing);
	assert_true(st.records >= 49000 && st.records <= 50001);
	assert_int_equal(st.dropped, 60000 - st.records);
	assert_int_equal(f->alarms, 2);
	/* Those dropped are freed. */
	UNTIL(f->loop, (store_status(f->store, &st), st.pending <= 51000));
	/* The others need not be written. */
	line_remove(t, line_newest(t) - 100, LINE_DELIVERED);
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db);
	settle(f);
	reopen(f);
	expect(line_get(f->store, "dev1", 1, &TEMP), 512, 59900, 100);
	end(f);
}

/* A second daemon by mistake. */
static void in_use(void **state)
{
	struct fixture *f = begin(true);
	struct store *second = NULL;
	char text[256] = "";

	(void)state;
	assert_int_equal(store_new(&f->p, f->loop, loop_timers(f->loop), NULL, NULL, &second, text,
				 sizeof(text)),
		LGW_EEXIST);
	assert_non_null(strstr(text, "in use"));
	assert_null(second);
	end(f);
}

static void get_bytes(void *ud, const uint8_t *key, size_t key_len, const uint8_t *v, size_t len)
{
	(void)key, (void)key_len;
	memcpy(ud, v, len);
}

/* A file of the second version, in which an observation was its format and its token. */
static void migrates_observations(void **state)
{
	static const char old[] = "\0n\0\xff%", want[] = "\0n\4\0\xff%"; /* both with a NUL */
	struct fixture *f = begin(true);
	char out[sizeof(want)] = "";

	(void)state;
	store_put(f->store, STORE_OBSERVATION, "dev1", "k", 1, old, sizeof(old));
	store_free(f->store);
	sqlite3_close(beside(f, "PRAGMA user_version = 2"));
	assert_int_equal(open_store(f), LGW_OK);
	store_adopt(f->store, STORE_OBSERVATION, "dev1", get_bytes, out);
	assert_memory_equal(out, want, sizeof(want));
	end(f);
}

/* A file of the first version, which did not know since when a line is idle. */
static void migrates(void **state)
{
	struct fixture *f = begin(true);
	char text[128];

	(void)state;
	append(line_get(f->store, "dev1", 1, &TEMP), &TEMP, 7);
	store_free(f->store);
	sqlite3_close(beside(f, "ALTER TABLE line DROP COLUMN idle;PRAGMA user_version = 1"));
	assert_int_equal(open_store(f), LGW_OK);
	expect(line_get(f->store, "dev1", 1, &TEMP), 9, 7, 1);
	store_free(f->store);
	sqlite3_close(beside(f, "PRAGMA user_version = 99"));
	f->store = NULL;
	assert_int_not_equal(store_new(&f->p, f->loop, loop_timers(f->loop), &hooks, f, &f->store,
				     text, sizeof(text)),
		LGW_OK);
	assert_non_null(strstr(text, "later version"));
	end(f);
}

static void items(void **state)
{
	static const struct value values[] = { { VT_NONE, { 0 } }, { VT_INT, { .i = INT64_MIN } },
		{ VT_UINT, { .u = UINT64_MAX } }, { VT_FLOAT, { .f = -0.1 } },
		{ VT_BOOL, { .b = true } }, { VT_TIME, { .i = 1700000000 } },
		{ VT_OBJLNK, { .link = { 3, 65535 } } },
		{ VT_STRING, { .s = { (const uint8_t *)"h\0i", 3 } } },
		{ VT_OPAQUE, { .s = { (const uint8_t *)"", 0 } } } };
	uint8_t b[64];

	(void)state;
	for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
		struct record r = { PATH_RI(65534, 1, 2, 3), values[k], 0, NULL }, out;
		struct wr w = wr_of(b, sizeof(b));

		assert_int_equal(item_encode(&w, &r), LGW_OK);
		assert_int_equal(item_decode(b, w.len, &out), LGW_OK);
		assert_true(path_eq(&out.path, &r.path));
		assert_true(value_eq(&out.value, &r.value));
		if (!value_is_bytes(r.value.type))
			assert_int_not_equal(item_decode(b, w.len - 1, &out), LGW_OK);
	}
	assert_int_equal(
		item_decode((const uint8_t *)"\x05", 1, &(struct record){ 0 }), LGW_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ram_lines_in_order),
		cmocka_unit_test(file_lines_in_order),
		cmocka_unit_test(ram_facts),
		cmocka_unit_test(file_facts),
		cmocka_unit_test(ram_full),
		cmocka_unit_test(file_full),
		cmocka_unit_test(restart),
		cmocka_unit_test(damaged),
		cmocka_unit_test(damaged_while_running),
		cmocka_unit_test(damaged_with_readings),
		cmocka_unit_test(ram_thinned),
		cmocka_unit_test(file_thinned),
		cmocka_unit_test(locked),
		cmocka_unit_test(failing_for_long),
		cmocka_unit_test(migrates),
		cmocka_unit_test(migrates_observations),
		cmocka_unit_test(in_use),
		cmocka_unit_test(items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
