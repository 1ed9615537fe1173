/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include <glib.h>
#include "loop/clock.h"
#include "loop/glib.h"
#include "loop/loop.h"
#include "loop/post.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "util/mem.h"

/* --- timers in virtual time --- */

static int64_t fake_now;
static int64_t fake_mono(void *ud)
{
	(void)ud;
	return fake_now;
}
static int64_t fake_wall(void *ud)
{
	(void)ud;
	return fake_now + 1000000;
}
static const struct clock_ops fake = { fake_mono, fake_wall };

static int64_t order[1000];
static unsigned fired;
static void note(struct timer *t, void *ud)
{
	(void)ud;
	order[fired++] = t->due;
}

static void timers_fire_in_order(void **state)
{
	struct timers *ts = timers_new(&fake, NULL);
	struct timer t[500];

	(void)state;
	fake_now = 0;
	fired = 0;
	for (unsigned i = 0; i < 500; i++) {
		timer_init(&t[i], note, NULL);
		timer_set(ts, &t[i], (int64_t)(i * 7919u % 1000u));
	}
	for (unsigned i = 0; i < 500; i += 5)
		timer_del(ts, &t[i]);
	for (unsigned i = 1; i < 500; i += 5)
		timer_set(ts, &t[i], 2000 + i);
	fake_now = 1500;
	timers_run(ts);
	assert_int_equal(fired, 300);
	for (unsigned i = 1; i < fired; i++)
		assert_true(order[i - 1] <= order[i]);
	assert_int_equal(timers_next(ts), 2001);
	assert_int_equal(timers_wall(ts), 1001500);
	fake_now = 5000;
	timers_run(ts);
	assert_int_equal(fired, 400);
	assert_int_equal(timers_next(ts), -1);
	timers_free(ts);
}

static struct timers *the_ts;
static struct timer other;
static void again(struct timer *t, void *ud)
{
	(void)ud;
	fired++;
	timer_del(the_ts, &other);
	timer_set(the_ts, t, timers_now(the_ts));
}

static void a_timer_that_re_arms_itself_does_not_hold_the_loop(void **state)
{
	struct timer t;

	(void)state;
	the_ts = timers_new(&fake, NULL);
	fired = 0;
	timer_init(&t, again, NULL);
	timer_init(&other, again, NULL);
	timer_set(the_ts, &t, fake_now);
	timer_set(the_ts, &other, fake_now + 1);
	timers_run(the_ts);
	assert_true(fired >= 1 && fired <= 2);
	assert_false(timer_armed(&other));
	timer_del(the_ts, &t);
	timer_set_slack(the_ts, &t, 1001, 250);
	assert_int_equal(t.due, 1250);
	timers_free(the_ts);
	assert_false(timer_armed(&t));
}

static void takes_a_millisecond(struct timer *t, void *ud)
{
	(void)t, (void)ud;
	fired++;
	fake_now++;
}

static void many_timers_do_not_hold_the_loop(void **state)
{
	enum { MANY = 1000 };
	struct timers *ts = timers_new(&fake, NULL);
	struct timer t[MANY];
	unsigned turns = 0;

	(void)state;
	fired = 0;
	for (unsigned k = 0; k < MANY; k++) {
		timer_init(&t[k], takes_a_millisecond, NULL);
		timer_set(ts, &t[k], fake_now);
	}
	for (; timers_next(ts) >= 0; turns++) {
		unsigned before = fired;

		timers_run(ts);
		assert_in_range(fired - before, 1, 64);
	}
	assert_int_equal(fired, MANY);
	assert_true(turns > 1);
	timers_free(ts);
}

/* --- the real loop --- */

struct fixture {
	struct loop *loop;
	atomic_int n;
	int last;
};

static void stop_later(struct timer *t, void *ud)
{
	(void)t;
	loop_stop(ud);
}

static void on_fd(void *ud, int fd, unsigned events)
{
	struct fixture *f = ud;
	char c;

	assert_int_equal(events, LOOP_READ);
	assert_int_equal(read(fd, &c, 1), 1);
	loop_stop(f->loop);
	f->n++;
}

static void descriptors_and_timers(void **state)
{
	struct fixture f = { .loop = loop_new() };
	struct loop_io *io;
	struct timer t;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	io = loop_io_new(f.loop, fds[0], LOOP_READ, on_fd, &f);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(loop_run(f.loop), 0);
	assert_int_equal(f.n, 1);
	loop_io_set(io, 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	timer_init(&t, stop_later, f.loop);
	timer_set(loop_timers(f.loop), &t, timers_now(loop_timers(f.loop)) + 5);
	assert_int_equal(loop_run(f.loop), 0);
	assert_int_equal(f.n, 1);
	loop_io_free(io);
	close(fds[0]);
	close(fds[1]);
	loop_free(f.loop);
}

/* Two that are ready in one turn: whichever comes first frees the gone one. */
struct pair {
	struct loop *loop;
	struct loop_io *io[2];
	int fds[2][2], n;
};

static void free_the_other(void *ud, int fd, unsigned events)
{
	struct pair *p = ud;
	int gone = fd == p->fds[0][0];

	assert_int_equal(events, LOOP_READ);
	loop_io_free(p->io[gone]);
	p->io[gone] = NULL;
	p->n++;
	loop_stop(p->loop);
}

static void a_descriptor_freed_in_its_turn_is_not_told(void **state)
{
	struct pair p = { .loop = loop_new() };

	(void)state;
	for (int k = 0; k < 2; k++) {
		assert_int_equal(pipe(p.fds[k]), 0);
		p.io[k] = loop_io_new(p.loop, p.fds[k][0], LOOP_READ, free_the_other, &p);
		assert_int_equal(write(p.fds[k][1], "x", 1), 1);
	}
	/* One handle for a descriptor. */
	assert_null(loop_io_new(p.loop, p.fds[0][0], LOOP_READ, free_the_other, &p));
	assert_int_equal(loop_run(p.loop), 0);
	assert_int_equal(p.n, 1);
	assert_true(!p.io[0] != !p.io[1]);
	for (int k = 0; k < 2; k++) {
		loop_io_free(p.io[k]);
		close(p.fds[k][0]);
		close(p.fds[k][1]);
	}
	loop_free(p.loop);
}

static void on_hang_up(void *ud, int fd, unsigned events)
{
	struct fixture *f = ud;
	char c;

	f->n++;
	f->last = (int)events;
	assert_int_equal(read(fd, &c, 1), 0);
	loop_stop(f->loop);
}

static void a_hang_up_is_something_to_read(void **state)
{
	struct fixture f = { .loop = loop_new() };
	struct loop_io *io;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	io = loop_io_new(f.loop, fds[0], LOOP_READ, on_hang_up, &f);
	close(fds[1]);
	assert_int_equal(loop_run(f.loop), 0);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.last, LOOP_READ);
	loop_io_free(io);
	close(fds[0]);
	loop_free(f.loop);
}

/* Many more than one turn tells of: none is left out. */
#define MANY 200
static void on_one_of_many(void *ud, int fd, unsigned events)
{
	struct fixture *f = ud;
	char c;

	(void)events;
	assert_int_equal(read(fd, &c, 1), 1);
	if (++f->n == MANY)
		loop_stop(f->loop);
}

static void many_descriptors_all_have_their_turn(void **state)
{
	struct fixture f = { .loop = loop_new() };
	struct loop_io *io[MANY];
	int fds[MANY][2];

	(void)state;
	for (int k = 0; k < MANY; k++) {
		assert_int_equal(pipe(fds[k]), 0);
		io[k] = loop_io_new(f.loop, fds[k][0], LOOP_READ, on_one_of_many, &f);
		assert_int_equal(write(fds[k][1], "x", 1), 1);
	}
	assert_int_equal(loop_run(f.loop), 0);
	assert_int_equal(f.n, MANY);
	for (int k = 0; k < MANY; k++) {
		loop_io_free(io[k]);
		close(fds[k][0]);
		close(fds[k][1]);
	}
	loop_free(f.loop);
}

static void on_signal(void *ud, int signo)
{
	struct fixture *f = ud;

	f->last = signo;
	loop_stop(f->loop);
}

static void signals_arrive_in_the_loop(void **state)
{
	struct fixture f = { .loop = loop_new() };

	(void)state;
	assert_int_equal(loop_signal(f.loop, SIGUSR1, on_signal, &f), 0);
	raise(SIGUSR1);
	assert_int_equal(loop_run(f.loop), 0);
	assert_int_equal(f.last, SIGUSR1);
	loop_free(f.loop);
}

struct sender {
	struct post *post;
	struct fixture *f;
};
static void letter(void *ud)
{
	struct fixture *f = ud;

	if (++f->n == 2000)
		loop_stop(f->loop);
}
static void *send_many(void *ud)
{
	struct sender *s = ud;

	for (int i = 0; i < 1000; i++)
		post_send(s->post, letter, s->f);
	return NULL;
}

struct queue {
	struct fixture *f;
	struct timer timer;
	int n, seen; /* letters, and how many there were when the timer had its turn */
};

static void look(struct timer *t, void *ud)
{
	struct queue *q = ud;

	(void)t;
	q->seen = q->n;
}

static void slow_letter(void *ud)
{
	struct queue *q = ud;
	struct timers *ts = loop_timers(q->f->loop);
	uint64_t until = clock_monotonic_us() + 1000;

	if (!q->n++)
		timer_set(ts, &q->timer, timers_now(ts));
	while (clock_monotonic_us() < until)
		;
	if (q->n == 100)
		loop_stop(q->f->loop);
}

static void slow_letters_do_not_hold_the_loop(void **state)
{
	struct fixture f = { .loop = loop_new() };
	struct post *post = post_new(f.loop);
	struct queue q = { .f = &f, .seen = -1 };

	(void)state;
	timer_init(&q.timer, look, &q);
	for (int k = 0; k < 100; k++)
		post_send(post, slow_letter, &q);
	assert_int_equal(loop_run(f.loop), 0);
	assert_int_equal(q.n, 100);
	assert_in_range(q.seen, 1, 99);
	post_free(post);
	loop_free(f.loop);
}

static void letters_of_two_threads_all_arrive(void **state)
{
	struct fixture f = { .loop = loop_new() };
	struct sender s = { post_new(f.loop), &f };
	pthread_t t[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, send_many, &s), 0);
	assert_int_equal(loop_run(f.loop), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(f.n, 2000);
	post_free(s.post);
	loop_free(f.loop);
}

static atomic_int ran, released, canceled;
static void job(void *ud)
{
	(void)ud;
	ran++;
}
static void job_done(void *ud, bool was_canceled)
{
	struct fixture *f = ud;

	canceled += was_canceled;
	if (++released == 20)
		loop_stop(f->loop);
}

static void workers_run_cancel_and_end(void **state)
{
	struct fixture f = { .loop = loop_new() };
	struct workers *w = workers_new(f.loop, 2);

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct work *j = work_start(w, job, job_done, &f);

		if (i % 4 == 0)
			work_cancel(j);
	}
	assert_int_equal(loop_run(f.loop), 0);
	assert_int_equal(released, 20);
	assert_int_equal(canceled, 5);
	assert_true(ran >= 15);
	for (int i = 0; i < 20; i++)
		work_start(w, job, job_done, &f);
	workers_free(w);
	assert_int_equal(released, 40);
	loop_free(f.loop);
}

static gboolean g_tick(gpointer ud)
{
	struct fixture *f = ud;

	if (++f->n == 3) {
		loop_stop(f->loop);
		return G_SOURCE_REMOVE;
	}
	return G_SOURCE_CONTINUE;
}
static void *g_from_thread(void *ud)
{
	g_idle_add(g_tick, ud);
	return NULL;
}

static void glib_runs_on_our_loop(void **state)
{
	struct fixture f = { .loop = loop_new() };
	struct loop_glib *g = loop_glib_new(f.loop);
	pthread_t t;

	(void)state;
	assert_non_null(g);
	g_timeout_add(2, g_tick, &f);
	assert_int_equal(loop_run(f.loop), 0);
	assert_int_equal(f.n, 3);
	f.n = 2;
	assert_int_equal(pthread_create(&t, NULL, g_from_thread, &f), 0);
	assert_int_equal(loop_run(f.loop), 0);
	pthread_join(t, NULL);
	assert_int_equal(f.n, 3);
	loop_glib_free(g);
	loop_free(f.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_in_order),
		cmocka_unit_test(a_timer_that_re_arms_itself_does_not_hold_the_loop),
		cmocka_unit_test(many_timers_do_not_hold_the_loop),
		cmocka_unit_test(descriptors_and_timers),
		cmocka_unit_test(a_descriptor_freed_in_its_turn_is_not_told),
		cmocka_unit_test(a_hang_up_is_something_to_read),
		cmocka_unit_test(many_descriptors_all_have_their_turn),
		cmocka_unit_test(signals_arrive_in_the_loop),
		cmocka_unit_test(letters_of_two_threads_all_arrive),
		cmocka_unit_test(slow_letters_do_not_hold_the_loop),
		cmocka_unit_test(workers_run_cancel_and_end),
		cmocka_unit_test(glib_runs_on_our_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
