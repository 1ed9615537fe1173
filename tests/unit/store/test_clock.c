/* SPDX-License-Identifier: BSD-3-Clause */
/* The store where the machine's clock is set late, or never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "store/store.h"
#include "util/err.h"

static const struct path TEMP = { { 3303, 0, 5700 }, 3 };

struct fixture {
	char dir[32], file[64];
	struct store_params p;
	struct loop *loop;
	struct timers *clock;
	int64_t uptime, unix_;
	struct store *store;
};

static struct fixture *begin(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/lgw-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->file, sizeof(f->file), "%s/store.db", f->dir);
	f->p = store_params_default;
	f->p.file = f->file;
	f->loop = loop_new();
	return f;
}

static void end(struct fixture *f)
{
	static const char *const names[] = { "store.db", "store.db-wal", "store.db-shm",
		"store.db-lock" };
	char name[96];

	store_free(f->store);
	timers_free(f->clock);
	loop_free(f->loop);
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		snprintf(name, sizeof(name), "%s/%s", f->dir, names[k]);
		unlink(name);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
}

/* A daemon of this boot. */
static void start(struct fixture *f)
{
	char text[256];

	f->store = NULL;
	assert_int_equal(
		store_new(&f->p, f->loop, f->clock, NULL, NULL, &f->store, text, sizeof(text)),
		LGW_OK);
}

static void append(struct store_line *l, int64_t v)
{
	struct record r = { TEMP, VALUE_INT(v), 1700000000000 + v, NULL };

	assert_int_equal(line_append(l, &r), LGW_OK);
}

static int64_t uptime(void *ud)
{
	return ((struct fixture *)ud)->uptime;
}

static int64_t unix_time(void *ud)
{
	return ((struct fixture *)ud)->unix_;
}

static const struct clock_ops late = { uptime, unix_time };

/* The machine is started; its clock shows this. */
static void boot(struct fixture *f, const char *id, int64_t unix_)
{
	store_free(f->store);
	timers_free(f->clock);
	f->uptime = 10000;
	f->unix_ = unix_;
	f->clock = timers_new(&late, f);
	timers_update(f->clock);
	f->p.boot = id;
	start(f);
}

static void pass(struct fixture *f, int64_t ms)
{
	f->uptime += ms;
	f->unix_ += ms;
	timers_update(f->clock);
	timers_run(f->clock);
}

static void set_clock(struct fixture *f, int64_t unix_)
{
	f->unix_ = unix_;
	timers_update(f->clock);
}

static struct store_line *the_line(struct fixture *f)
{
	return line_get(f->store, "dev1", 1, &TEMP);
}

/* A reading without a time of its own. */
static void read_now(struct fixture *f)
{
	struct record r = { TEMP, VALUE_INT(1), timers_wall(f->clock), NULL };

	assert_int_equal(line_append(the_line(f), &r), LGW_OK);
}

struct times {
	int64_t t[8];
	unsigned n;
};

static int take_time(void *ud, const struct record *r)
{
	struct times *t = ud;

	t->t[t->n++] = r->time_ms;
	return LGW_OK;
}

static struct times times(struct fixture *f)
{
	struct times t = { .n = 0 };
	uint64_t last;

	assert_int_equal(line_page(the_line(f), take_time, &t, &last), LGW_OK);
	return t;
}

#define NOW 1790000000000

static void clock_set_late(void **state)
{
	struct fixture *f = begin();
	struct times t;

	(void)state;
	boot(f, "first", 7000);
	read_now(f);
	pass(f, 5000);
	read_now(f);
	append(the_line(f), 3); /* its source knows the time */
	pass(f, 2000);
	t = times(f);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.t[0], -7000); /* from now */
	assert_int_equal(t.t[1], -2000);
	assert_int_equal(t.t[2], 1700000000003);
	set_clock(f, NOW);
	t = times(f);
	assert_int_equal(t.t[0], NOW - 7000);
	assert_int_equal(t.t[1], NOW - 2000);
	assert_int_equal(t.t[2], 1700000000003);
	pass(f, 60000);
	store_free(f->store); /* another daemon, in the same boot */
	start(f);
	read_now(f);
	t = times(f);
	assert_int_equal(t.t[0], NOW - 7000);
	assert_int_equal(t.t[3], NOW + 60000);
	boot(f, "second", NOW + 3600000);
	read_now(f);
	t = times(f);
	assert_int_equal(t.n, 5);
	assert_int_equal(t.t[1], NOW - 2000);
	assert_int_equal(t.t[3], NOW + 60000);
	assert_int_equal(t.t[4], NOW + 3600000);
	end(f);
}

/* It was never set before the machine stopped: as if the next start had followed at once. */
static void clock_never_set(void **state)
{
	struct fixture *f = begin();
	struct times t;

	(void)state;
	boot(f, "first", 0);
	read_now(f);
	pass(f, 70000);
	read_now(f); /* and it is noted how long we run */
	boot(f, "second", 0);
	pass(f, 5000);
	read_now(f);
	t = times(f);
	assert_int_equal(t.n, 3);
	assert_true(t.t[0] < t.t[1] && t.t[1] < 0);
	assert_int_equal(t.t[1] - t.t[0], 70000);
	assert_int_equal(t.t[2], -1); /* 0 would be none */
	set_clock(f, NOW);
	t = times(f);
	assert_int_equal(t.t[2], NOW);
	assert_int_equal(t.t[1], NOW - 15000);
	assert_int_equal(t.t[0], NOW - 85000);
	line_remove(the_line(f), line_newest(the_line(f)), LINE_DELIVERED);
	boot(f, "third", NOW);
	read_now(f);
	t = times(f);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.t[0], NOW);
	end(f);
}

static void take_idle(
	void *ud, struct store_line *l, uint16_t ssid, const struct path *p, int64_t idle_since)
{
	(void)l;
	(void)ssid;
	(void)p;
	*(int64_t *)ud = idle_since;
}

static int64_t idle_since(struct fixture *f)
{
	int64_t since = -1;

	line_each(f->store, "dev1", take_idle, &since);
	return since;
}

/* Since when nobody observes a line: corrected with the clock, also for the next life. */
static void idle_follows_the_clock(void **state)
{
	struct fixture *f = begin();

	(void)state;
	boot(f, "one", 1700000000000);
	read_now(f);
	line_idle(the_line(f), timers_wall(f->clock));
	pass(f, 5000);
	set_clock(f, 1700864005000); /* ten days later */
	read_now(f);
	assert_int_equal(idle_since(f), 1700864000000);
	store_free(f->store);
	start(f);
	assert_int_equal(idle_since(f), 1700864000000);
	set_clock(f, 1700000000000); /* it was noted by a clock that nobody knows */
	read_now(f);
	assert_int_equal(idle_since(f), 1700864000000);
	end(f);
}

/* One that was noted by a clock that was never set says nothing. */
static void idle_without_a_clock(void **state)
{
	struct fixture *f = begin();

	(void)state;
	boot(f, "one", 5000);
	read_now(f);
	line_idle(the_line(f), timers_wall(f->clock));
	assert_int_equal(idle_since(f), 5000);
	boot(f, "two", 1700000000000);
	assert_int_equal(idle_since(f), 0);
	end(f);
}

/* Rates are means of the last 15 minutes, or of the time since the start; what follows of them. */
static void foresight(void **state)
{
	struct fixture *f = begin();
	struct store_status st;

	(void)state;
	f->p.file = NULL;
	f->p.max_records = 1000;
	boot(f, "one", 1700000000000);
	store_status(f->store, &st);
	assert_true(st.full_s < 0 && st.empty_s >= 0 && st.empty_s <= 0);
	for (int k = 0; k < 60; k++)
		read_now(f);
	store_status(f->store, &st);
	assert_true(st.in_per_s > 0.99 && st.in_per_s < 1.01);
	assert_true(st.full_s > 930 && st.full_s < 950);
	assert_true(st.empty_s < 0);
	for (int k = 0; k < 14; k++)
		pass(f, 60000);
	store_status(f->store, &st);
	assert_true(st.in_per_s > 0.06 && st.in_per_s < 0.07); /* 60 in 15 minutes */
	line_remove(the_line(f), line_newest(the_line(f)) - 30, LINE_DELIVERED);
	pass(f, 60000);
	store_status(f->store, &st); /* those that came are too long ago: 30 went in 15 minutes */
	assert_true(st.empty_s > 890 && st.empty_s < 910 && st.full_s < 0);
	f->p.max_bytes = 10 * st.bytes;
	boot(f, "one", 1700000000000);
	for (int k = 0; k < 60; k++)
		read_now(f); /* a fifth of the bytes in a minute */
	store_status(f->store, &st);
	assert_true(st.full_s > 230 && st.full_s < 250);
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_set_late),
		cmocka_unit_test(clock_never_set),
		cmocka_unit_test(idle_follows_the_clock),
		cmocka_unit_test(idle_without_a_clock),
		cmocka_unit_test(foresight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
