/* SPDX-License-Identifier: BSD-3-Clause */
/* The TCP link over real sockets on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <lgw/status.h>
#include "transport/linger.h"
#include "transport/link.h"
#include "until.h"
#include "util/err.h"

static struct {
	struct loop *loop;
	struct link_env env;
	struct link *link;
	unsigned ups, downs;
	size_t received;
	int err, listener;
	uint16_t port;
	bool free_in_event;
} s;

static void drop_link(void)
{
	link_free(s.link);
	s.link = NULL;
}

static void on_recv(void *ud, const uint8_t *p, size_t len)
{
	(void)ud;
	(void)p;
	s.received += len;
}

static void on_event(void *ud, enum link_event ev, int err)
{
	(void)ud;
	s.ups += ev == LINK_UP;
	s.downs += ev == LINK_DOWN;
	s.err = err;
	if (s.free_in_event)
		drop_link();
}

static const struct link_handler handler = { on_recv, on_event };

static int begin(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	(void)state;
	memset(&s, 0, sizeof(s));
	s.loop = loop_new();
	s.env.loop = s.loop;
	s.env.workers = workers_new(s.loop, 1);
	s.env.ops = link_registry;
	s.listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(s.listener, (struct sockaddr *)&a, sizeof(a)) || listen(s.listener, 4) ||
		getsockname(s.listener, (struct sockaddr *)&a, &len))
		return -1;
	s.port = ntohs(a.sin_port);
	return 0;
}

static int end(void **state)
{
	(void)state;
	drop_link();
	link_env_fini(&s.env);
	workers_free(s.env.workers);
	loop_free(s.loop);
	close(s.listener);
	return 0;
}

static void until(const unsigned *count, unsigned n)
{
	UNTIL(s.loop, *count >= n);
}

static void open_link(void)
{
	char uri[64];

	snprintf(uri, sizeof(uri), "coap+tcp://127.0.0.1:%u", s.port);
	assert_int_equal(link_new(&s.env, uri, NULL, &handler, NULL, &s.link), 0);
	assert_int_equal(s.link->ops->open(s.link), 0);
	assert_int_equal(s.ups + s.downs, 0); /* never from within open */
}

static int accepted(void)
{
	until(&s.ups, 1);
	return accept(s.listener, NULL, NULL);
}

static void both_ways(void **state)
{
	char buf[8] = "";
	int fd;

	(void)state;
	open_link();
	fd = accepted();
	assert_int_equal(s.link->ops->send(s.link, "hello", 5), 0);
	assert_int_equal(recv(fd, buf, 5, MSG_WAITALL), 5);
	assert_string_equal(buf, "hello");
	assert_int_equal(send(fd, "abc", 3, 0), 3);
	UNTIL(s.loop, s.received >= 3);
	close(fd);
	until(&s.downs, 1);
	assert_int_equal(s.err, LGW_ERESET);
	assert_int_equal(s.link->ops->send(s.link, "x", 1), LGW_EUNAVAIL);
}

/* More than the kernel takes at once waits in the link, and arrives whole and in order. */
static void a_slow_reader(void **state)
{
	static uint8_t piece[16384], got[12 * sizeof(piece)];
	size_t want = 0, have = 0;
	int fd, size = 4096;
	ssize_t n;

	(void)state;
	setsockopt(s.listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	open_link();
	fd = accepted();
	for (; want < sizeof(got); want += sizeof(piece)) {
		memset(piece, (int)(want / sizeof(piece)), sizeof(piece));
		assert_int_equal(s.link->ops->send(s.link, piece, sizeof(piece)), 0);
	}
	UNTIL(s.loop, (n = recv(fd, got + have, want - have, MSG_DONTWAIT),
			      have += n > 0 ? (size_t)n : 0, have == want));
	for (size_t k = 0; k < have; k++)
		assert_int_equal(got[k], k / sizeof(piece));
	close(fd);
}

static void one_that_never_reads(void **state)
{
	static uint8_t piece[65536];
	int fd, r = 0;

	(void)state;
	open_link();
	fd = accepted();
	for (int k = 0; k < 1000 && !r; k++)
		r = s.link->ops->send(s.link, piece, sizeof(piece));
	assert_int_equal(r, LGW_EUNAVAIL); /* bounded */
	until(&s.downs, 1);
	assert_int_equal(s.err, LGW_ETIMEDOUT);
	close(fd);
}

/* More than the kernel takes for one that does not read, less than the link keeps. */
#define MUCH (200 * 1024)

/* A peer whose kernel takes little at a time, to whom that much is said. */
static int slow_peer(void)
{
	static const uint8_t bytes[1024];
	int size = 16384, fd;

	s.ups = s.downs = 0;
	setsockopt(s.listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	open_link();
	fd = accepted();
	setsockopt(s.link->ops->socket(s.link), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (size_t n = 0; n < MUCH; n += sizeof(bytes))
		assert_int_equal(s.link->ops->send(s.link, bytes, sizeof(bytes)), 0);
	return fd;
}

/* It reads what is there: the number of bytes in all. */
static size_t read_on(int fd, size_t have)
{
	uint8_t bytes[65536];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (!n)
		shutdown(fd, SHUT_WR);
	return have + (n > 0 ? (size_t)n : 0);
}

/* One that never stops talking gets what waits for it all the same. */
static void a_talkative_reader(void **state)
{
	struct pollfd p = { .events = POLLIN };
	size_t have = 0;

	(void)state;
	p.fd = slow_peer();
	while (poll(&p, 1, 100) > 0)
		have = read_on(p.fd, have);
	assert_true(have < MUCH); /* the rest waits in the link */
	UNTIL(s.loop, (send(p.fd, "x", 1, 0), have = read_on(p.fd, have), have >= MUCH));
	assert_int_equal(have, MUCH);
	close(p.fd);
}

/* What was said before the link was closed, or is gone, arrives, while the reader takes its time
 * and talks; or is lost in the end, where the machine is too busy. */
static bool last_words_arrive(bool freed)
{
	int peer = slow_peer();
	int64_t since = timers_now(loop_timers(s.loop));
	size_t have = 0;

	if (freed)
		drop_link();
	else
		s.link->ops->close(s.link);
	assert_int_equal(s.env.nlingering, 1);
	assert_int_equal(send(peer, "x", 1, 0), 1);
	UNTIL(s.loop, (have = read_on(peer, have), !s.env.nlingering));
	assert_true(have == MUCH || timers_now(loop_timers(s.loop)) >= since + LINGER_MS);
	drop_link();
	close(peer);
	return have == MUCH;
}

static void the_last_words(void **state)
{
	int tries = 0;

	(void)state;
	while (!last_words_arrive(false) || !last_words_arrive(true))
		assert_true(++tries < 20);
}

/* One who takes nothing is not waited for longer than that. */
static void the_last_words_to_nobody(void **state)
{
	int peer = slow_peer();

	(void)state;
	drop_link();
	assert_int_equal(s.env.nlingering, 1);
	UNTIL(s.loop, !s.env.nlingering);
	close(peer);
}

static void keepalive(void **state)
{
	static const uint32_t idle_s[] = { 0, 77 };

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		int fd, own, on = -1, idle = 0;
		socklen_t len = sizeof(on);

		s.env.tcp_keepalive_s = idle_s[k];
		s.ups = 0;
		open_link();
		fd = accepted();
		own = s.link->ops->socket(s.link);
		assert_int_equal(getsockopt(own, SOL_SOCKET, SO_KEEPALIVE, &on, &len), 0);
		assert_int_equal(on, k);
		assert_int_equal(getsockopt(own, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &len), 0);
		assert_true((idle == 77) == (k == 1));
		drop_link();
		close(fd);
	}
}

static void a_closed_port(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	/* Somebody has it, so that nobody else gets it, and does not listen. */
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	s.port = ntohs(a.sin_port);
	open_link();
	until(&s.downs, 1);
	assert_int_equal(s.err, LGW_EUNAVAIL);
	assert_int_equal(s.link->ops->open(s.link), 0); /* again */
	until(&s.downs, 2);
	close(fd);
}

static void freed_in_its_event(void **state)
{
	int fd;

	(void)state;
	s.free_in_event = true;
	open_link();
	fd = accepted();
	assert_null(s.link);
	close(fd);
}

/* Over the interface that is named, or not at all. */
static void over_an_interface(void **state)
{
	(void)state;
	open_link();
	until(&s.ups, 1);
	s.link->ops->close(s.link);
	assert_true(link_bind(s.link, "nosuch0"));
	assert_int_equal(s.link->ops->open(s.link), 0);
	until(&s.downs, 1);
	assert_int_equal(s.err, LGW_EUNAVAIL);
	assert_true(link_bind(s.link, "lo"));
	assert_int_equal(s.link->ops->open(s.link), 0);
	until(&s.ups, 2);
}

static void closed_while_it_connects(void **state)
{
	(void)state;
	open_link();
	s.link->ops->close(s.link);
	for (int k = 0; k < 10; k++)
		loop_turn(s.loop, 5);
	assert_int_equal(s.ups + s.downs, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = { TEST(both_ways), TEST(a_slow_reader),
		TEST(one_that_never_reads), TEST(a_talkative_reader), TEST(the_last_words),
		TEST(the_last_words_to_nobody), TEST(keepalive), TEST(a_closed_port),
		TEST(freed_in_its_event), TEST(closed_while_it_connects), TEST(over_an_interface) };

	alarm(600);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
