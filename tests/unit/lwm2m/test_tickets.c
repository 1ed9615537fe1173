/* SPDX-License-Identifier: BSD-3-Clause */
/* TLS sessions over a restart: each once, not for ever, in a file that nobody else reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "lwm2m/tickets.h"
#include "store/store.h"
#include "util/err.h"

struct fixture {
	char dir[32], file[64];
	int64_t now, wall;
	struct loop *loop;
	struct timers *timers;
	struct store *store;
	struct tickets *tickets;
};

static int64_t mono(void *ud)
{
	return ((struct fixture *)ud)->now;
}

static int64_t wall(void *ud)
{
	return ((struct fixture *)ud)->wall;
}

static const struct clock_ops clock_ops = { mono, wall };

static void open_all(struct fixture *f)
{
	struct store_params p = store_params_default;
	char text[256];

	p.file = f->file;
	assert_int_equal(
		store_new(&p, f->loop, f->timers, NULL, NULL, &f->store, text, sizeof(text)),
		LGW_OK);
	f->tickets = tickets_new(f->store, f->timers);
}

static void close_all(struct fixture *f)
{
	tickets_free(f->tickets);
	store_free(f->store);
}

static void later(struct fixture *f, int64_t ms)
{
	close_all(f);
	f->wall += ms;
	f->now++;
	timers_update(f->timers);
	open_all(f);
}

static void begin(struct fixture *f)
{
	*f = (struct fixture){ .wall = 1800000000000 };
	snprintf(f->dir, sizeof(f->dir), "/tmp/lgw-tickets-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->file, sizeof(f->file), "%s/store.db", f->dir);
	f->loop = loop_new();
	f->timers = timers_new(&clock_ops, f);
	open_all(f);
}

static void end(struct fixture *f)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
	char name[80];

	close_all(f);
	timers_free(f->timers);
	loop_free(f->loop);
	for (size_t k = 0; k < 4; k++) {
		snprintf(name, sizeof(name), "%s%s", f->file, ends[k]);
		unlink(name);
	}
	assert_int_equal(rmdir(f->dir), 0);
}

static void save(struct fixture *f, uint8_t who, const char *text)
{
	uint8_t key[32] = { who };

	tickets_ops.save(f->tickets, key, (const uint8_t *)text, strlen(text));
}

static void expect(struct fixture *f, uint8_t who, const char *text)
{
	uint8_t key[32] = { who };
	uint8_t buf[64] = { 0 };

	assert_int_equal(tickets_ops.load(f->tickets, key, buf, sizeof(buf)), strlen(text));
	assert_memory_equal(buf, text, strlen(text));
}

static void over_a_restart(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	save(&f, 1, "one");
	save(&f, 2, "two");
	save(&f, 2, "newer");
	save(&f, 3, "three");
	save(&f, 3, ""); /* forgotten */
	later(&f, 1000);
	expect(&f, 1, "one");
	expect(&f, 1, ""); /* handed over */
	expect(&f, 2, "newer");
	expect(&f, 3, "");
	expect(&f, 4, "");
	/* What was not renewed is there for the next life as well. */
	later(&f, 1000);
	expect(&f, 1, "one");
	save(&f, 1, "");
	later(&f, 1000);
	expect(&f, 1, "");
	expect(&f, 2, "newer");
	end(&f);
}

static void too_old(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	save(&f, 1, "one");
	later(&f, TICKET_TTL_MS - 1000);
	save(&f, 2, "two");
	later(&f, 2000);
	expect(&f, 1, "");
	expect(&f, 2, "two");
	later(&f, -1000000000); /* a clock that is wrong says nothing of an age */
	expect(&f, 2, "");
	end(&f);
}

static void too_much(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
	char huge[SSL_SESSION_BYTES_MAX + 2], name[80];
	struct fixture f;
	struct stat st;

	(void)state;
	begin(&f);
	memset(huge, 'x', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	save(&f, 1, huge);
	save(&f, 2, "secret");
	for (size_t k = 0; k < 4; k++) {
		snprintf(name, sizeof(name), "%s%s", f.file, ends[k]);
		assert_int_equal(stat(name, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	/* A file of an earlier version, which was readable. */
	assert_int_equal(chmod(f.file, 0644), 0);
	later(&f, 1000);
	assert_int_equal(stat(f.file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	expect(&f, 1, "");
	expect(&f, 2, "secret");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_a_restart),
		cmocka_unit_test(too_old),
		cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
