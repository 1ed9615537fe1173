/* SPDX-License-Identifier: BSD-3-Clause */
/* The UDP link and names over real sockets on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <lgw/status.h>
#include "transport/link.h"
#include "transport/resolve.h"
#include "until.h"
#include "util/err.h"
#include "util/log.h"

static struct {
	struct loop *loop;
	struct link_env env;
	struct link *link;
	unsigned ups, downs, errors, received;
	int err;
	char bytes[64];
	bool free_in_event, free_in_recv;
} s;

static void drop_link(void)
{
	link_free(s.link);
	s.link = NULL;
}

static void on_recv(void *ud, const uint8_t *p, size_t len)
{
	(void)ud;
	s.received++;
	snprintf(s.bytes, sizeof(s.bytes), "%.*s", (int)len, (const char *)p);
	if (s.free_in_recv)
		drop_link();
}

static void on_event(void *ud, enum link_event ev, int err)
{
	(void)ud;
	s.ups += ev == LINK_UP;
	s.downs += ev == LINK_DOWN;
	s.errors += ev == LINK_ERROR;
	s.err = err;
	if (s.free_in_event)
		drop_link();
}

static const struct link_handler handler = { on_recv, on_event };

static int begin(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	s.loop = loop_new();
	s.env.loop = s.loop;
	s.env.workers = workers_new(s.loop, 1);
	s.env.ops = link_registry;
	return 0;
}

static int end(void **state)
{
	(void)state;
	drop_link();
	workers_free(s.env.workers);
	loop_free(s.loop);
	return 0;
}

static void until(const unsigned *count, unsigned n)
{
	UNTIL(s.loop, *count >= n);
}

static int bound_socket(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void open_link(const char *host, uint16_t port)
{
	char uri[64];

	snprintf(uri, sizeof(uri), "coap://%s:%u", host, port);
	assert_int_equal(link_new(&s.env, uri, NULL, &handler, NULL, &s.link), 0);
	assert_int_equal(s.link->ops->open(s.link), 0);
	assert_int_equal(s.ups + s.downs, 0); /* never from within open */
}

static void both_ways(void **state)
{
	struct sockaddr_in from, stranger = { .sin_family = AF_INET };
	socklen_t len = sizeof(from);
	uint16_t port, other_port;
	int fd = bound_socket(&port), other = bound_socket(&other_port);
	char buf[64];

	(void)state;
	open_link("127.0.0.1", port);
	assert_int_equal(s.link->ops->send(s.link, "x", 1), 0);
	until(&s.ups, 1);
	assert_int_equal(s.link->ops->send(s.link, "hello", 5), 0);
	assert_int_equal(recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len), 1);
	assert_int_equal(recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len), 5);
	/* A datagram of somebody else to the same port of ours never arrives. */
	stranger = from;
	sendto(other, "foreign", 7, 0, (struct sockaddr *)&stranger, sizeof(stranger));
	sendto(fd, "answer", 6, 0, (struct sockaddr *)&from, sizeof(from));
	until(&s.received, 1);
	assert_string_equal(s.bytes, "answer");
	assert_int_equal(s.received, 1);
	s.link->ops->close(s.link);
	assert_int_equal(s.link->ops->send(s.link, "x", 1), LGW_EUNAVAIL);
	close(fd);
	close(other);
}

static uint16_t open_from(uint16_t server, uint16_t port)
{
	char uri[64];

	snprintf(uri, sizeof(uri), "coap://127.0.0.1:%u", server);
	assert_int_equal(link_new(&s.env, uri, NULL, &handler, NULL, &s.link), 0);
	link_from(s.link, port);
	assert_int_equal(link_port(s.link), 0);
	assert_int_equal(s.link->ops->open(s.link), 0);
	s.ups = 0;
	until(&s.ups, 1);
	return link_port(s.link);
}

/* From the port of an earlier life, while nobody else has it; the next time from any. */
static void from_a_port(void **state)
{
	uint16_t port, ours, other;
	int fd = bound_socket(&port), taken;
	bool again = false;

	(void)state;
	for (int k = 0; k < 3 && !again; k++) { /* another process may be quicker */
		ours = open_from(port, 0);
		assert_int_not_equal(ours, 0);
		drop_link();
		again = open_from(port, ours) == ours;
		drop_link();
	}
	assert_true(again);
	taken = bound_socket(&other);
	assert_int_not_equal(open_from(port, other), other);
	assert_int_equal(s.downs, 0);
	close(taken);
	for (int k = 0; k < 3 && (!k || link_port(s.link) == other); k++) { /* by chance, once */
		s.link->ops->close(s.link);
		assert_int_equal(s.link->ops->open(s.link), 0);
	}
	assert_int_not_equal(link_port(s.link), other);
	close(fd);
}

static void a_closed_port_is_a_hint(void **state)
{
	struct sockaddr_in self = { .sin_family = AF_INET };
	uint16_t port;
	int fd = bound_socket(&port);

	(void)state;
	/* It hears itself alone, and nobody else can have the port meanwhile. */
	self.sin_port = htons(port);
	self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&self, sizeof(self)), 0);
	open_link("127.0.0.1", port);
	until(&s.ups, 1);
	assert_int_equal(s.link->ops->send(s.link, "x", 1), 0);
	until(&s.errors, 1);
	assert_int_equal(s.downs, 0);
	assert_true(s.env.count.icmp >= 1);
	close(fd);
}

/* Over the interface that is named, or not at all. */
static void over_an_interface(void **state)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint16_t port;
	int fd = bound_socket(&port);
	char buf[64];

	(void)state;
	open_link("127.0.0.1", port);
	until(&s.ups, 1);
	assert_true(link_bind(s.link, "lo"));
	assert_false(link_bind(s.link, "lo"));
	s.link->ops->close(s.link);
	assert_int_equal(s.link->ops->open(s.link), 0);
	until(&s.ups, 2);
	assert_int_equal(s.link->ops->send(s.link, "hello", 5), 0);
	assert_int_equal(recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len), 5);
	s.link->ops->close(s.link);
	assert_true(link_bind(s.link, "nosuch0"));
	assert_int_equal(s.link->ops->open(s.link), 0);
	until(&s.downs, 1);
	assert_int_equal(s.err, LGW_EUNAVAIL);
	assert_true(link_bind(s.link, ""));
	assert_int_equal(s.link->ops->open(s.link), 0);
	until(&s.downs, 2);
	assert_int_equal(s.err, LGW_EUNAVAIL);
	assert_true(link_bind(s.link, NULL));
	assert_int_equal(s.link->ops->open(s.link), 0);
	until(&s.ups, 3);
	close(fd);
}

static void too_large(void **state)
{
	static uint8_t big[70000];
	uint16_t port;
	int fd = bound_socket(&port);

	(void)state;
	open_link("127.0.0.1", port);
	until(&s.ups, 1);
	assert_int_equal(s.link->ops->send(s.link, big, sizeof(big)), LGW_ETOOBIG);
	close(fd);
}

static void a_name(void **state)
{
	uint16_t port;
	int fd = bound_socket(&port);
	struct addrinfo *found = NULL;

	(void)state;
	if (getaddrinfo("localhost", NULL, NULL, &found)) { /* a build chroot without /etc/hosts */
		close(fd);
		skip();
	}
	freeaddrinfo(found);
	open_link("localhost", port);
	until(&s.ups, 1);
	close(fd);
}

static void count_warnings(void *ud, const struct log_line *line)
{
	*(unsigned *)ud += line->level == LGW_LOG_WARNING;
}

static void no_such_name(void **state)
{
	unsigned warnings = 0;

	(void)state;
	log_set_sink(count_warnings, &warnings);
	open_link("no-such-host.invalid", 5683);
	until(&s.downs, 1);
	assert_int_equal(s.err, LGW_EUNAVAIL);
	/* It may be opened again, and is told of once. */
	assert_int_equal(s.link->ops->open(s.link), 0);
	until(&s.downs, 2);
	log_set_sink(NULL, NULL);
	assert_int_equal(warnings, 1);
}

static void freed_in_its_event(void **state)
{
	(void)state;
	s.free_in_event = true;
	open_link("127.0.0.1", 9);
	until(&s.ups, 1);
	assert_null(s.link);
}

static void freed_while_it_resolves(void **state)
{
	(void)state;
	open_link("no-such-host.invalid", 5683);
	drop_link();
	for (int k = 0; k < 20; k++)
		loop_turn(s.loop, 10);
	assert_int_equal(s.downs, 0);
}

static void freed_in_recv(void **state)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint16_t port;
	int fd = bound_socket(&port);
	char buf[8];

	(void)state;
	s.free_in_recv = true;
	open_link("127.0.0.1", port);
	until(&s.ups, 1);
	s.link->ops->send(s.link, "x", 1);
	recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len);
	sendto(fd, "y", 1, 0, (struct sockaddr *)&from, len);
	until(&s.received, 1);
	assert_null(s.link);
	close(fd);
}

static void no_such_transport(void **state)
{
	struct link *l;

	(void)state;
	assert_int_equal(link_new(&s.env, "http://a", NULL, &handler, NULL, &l), LGW_ENOTSUP);
	assert_int_equal(link_new(&s.env, "nonsense", NULL, &handler, NULL, &l), LGW_EINVAL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = { TEST(both_ways), TEST(from_a_port),
		TEST(over_an_interface), TEST(a_closed_port_is_a_hint), TEST(too_large),
		TEST(a_name), TEST(no_such_name), TEST(freed_in_its_event),
		TEST(freed_while_it_resolves), TEST(freed_in_recv), TEST(no_such_transport) };

	/* Servers of names that do not answer are not waited for at length. */
	setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);
	alarm(600);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
