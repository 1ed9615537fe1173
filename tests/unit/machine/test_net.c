/* SPDX-License-Identifier: BSD-3-Clause */
/* The network as rtnetlink tells it, held against getifaddrs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <string.h>
#include "machine/net.h"

static bool has_address(const char *interface, const char *text)
{
	struct ifaddrs *all, *i;
	bool found = false;

	assert_int_equal(getifaddrs(&all), 0);
	for (i = all; i; i = i->ifa_next) {
		char buf[INET6_ADDRSTRLEN] = "";
		int family = i->ifa_addr ? i->ifa_addr->sa_family : 0;

		if (family == AF_INET)
			inet_ntop(family, &((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr,
				buf, sizeof(buf));
		else if (family == AF_INET6)
			inet_ntop(family, &((struct sockaddr_in6 *)(void *)i->ifa_addr)->sin6_addr,
				buf, sizeof(buf));
		found |= !strcmp(i->ifa_name, interface) && !strcmp(buf, text);
	}
	freeifaddrs(all);
	return found;
}

static void state_of(const char *interface)
{
	struct net_state s;

	memset(&s, 0xff, sizeof(s));
	assert_int_equal(net_state_read(interface, &s), 0);
	if (!*s.interface)
		return;
	print_message("%s: %zu addresses, %zu routers\n", s.interface, s.naddresses, s.nrouters);
	for (size_t k = 0; k < s.naddresses; k++)
		assert_true(has_address(s.interface, s.addresses[k]));
	for (size_t k = 0; k < s.nrouters; k++)
		assert_true(strlen(s.routers[k]) >= 2);
	if (!s.wireless)
		assert_int_equal(s.signal_dbm, 0);
}

static void reads_what_the_kernel_says(void **state)
{
	struct net_state s;

	(void)state;
	state_of(NULL);
	state_of("lo");
	assert_int_equal(net_state_read("lo", &s), 0);
	assert_string_equal(s.interface, "lo");
	/* One that is not plugged in: nothing, and no error. */
	assert_int_equal(net_state_read("nosuch0", &s), 0);
	assert_string_equal(s.interface, "");
	assert_int_equal(s.naddresses, 0);
}

static void never(void *ud)
{
	(void)ud;
}

static void a_watch_comes_and_goes(void **state)
{
	struct loop *l = loop_new();
	struct net_watch *w = net_watch_new(l, never, NULL);

	(void)state;
	assert_non_null(w);
	loop_turn(l, 0);
	net_watch_free(w);
	net_watch_free(NULL);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_kernel_says),
		cmocka_unit_test(a_watch_comes_and_goes),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
