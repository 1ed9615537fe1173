/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "transport/addr.h"
#include "transport/resolve.h"
#include "util/mem.h"

static int parse(struct uri *u, const char *s)
{
	/* Exactly its bytes, without a NUL, so that a read beyond them is seen. */
	char *copy = xmemdup(s, strlen(s));
	int r = uri_parse(u, copy, strlen(s));

	free(copy);
	return r;
}

static void good_ones(void **state)
{
	static const struct {
		const char *text, *scheme, *host;
		uint16_t port;
	} t[] = {
		{ "coap://leshan.example.org", "coap", "leshan.example.org", 0 },
		{ "coap://leshan.example.org/", "coap", "leshan.example.org", 0 },
		{ "COAPS://a:5684", "coaps", "a", 5684 },
		{ "coap+tcp://192.0.2.1:1", "coap+tcp", "192.0.2.1", 1 },
		{ "coaps+tcp://[2001:db8::1]:65535", "coaps+tcp", "2001:db8::1", 65535 },
		{ "coap://[fe80::1%eth0]", "coap", "fe80::1%eth0", 0 },
		{ "coap://[fe80::1%25br_lan.2]:1", "coap", "fe80::1%br_lan.2", 1 },
		{ "coap://[fe80::1%25]", "coap", "fe80::1%25", 0 },
		{ "coap://my_host-1", "coap", "my_host-1", 0 },
		{ "sms://+33612345678", "sms", "+33612345678", 0 },
		{ "SMS:+33 (6) 12-34.56", "sms", "+336123456", 0 },
		{ "tel:+49-170-0", "sms", "+491700", 0 },
		{ "sms:12345", "sms", "12345", 0 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		struct uri u;

		if (parse(&u, t[k].text))
			fail_msg("%s", t[k].text);
		assert_string_equal(u.scheme, t[k].scheme);
		assert_string_equal(u.host, t[k].host);
		assert_int_equal(u.port, t[k].port);
	}
}

static void bad_ones(void **state)
{
	static const char *const t[] = { "", "coap", "coap:", "coap:/a", "coap://", "coap:///",
		"://a", "coap://:5683", "coap://a:0", "coap://a:65536", "coap://a:5683x",
		"coap://a:", "coap://a:-1", "coap://a/rd", "coap://a?b", "coap://u@a",
		"coap://[::1", "coap://[]", "coap://[::1]x", "coap://a b", "sms:", "sms://",
		"sms:+", "tel:a", "sms:1+2", "sms:+1?body=x", "sms:-1", "tel://+1:5",
		"coap://[::1]:", "coap://[::1%25a/b]", "co ap://a", "averyveryverylongscheme://a",
		"coap://a\n" };
	char longest[300] = "coap://";
	struct uri u;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++)
		if (parse(&u, t[k]) != LGW_EINVAL)
			fail_msg("%s", t[k]);
	memset(longest + 7, 'a', 255);
	longest[7 + 255] = '\0';
	assert_int_equal(parse(&u, longest), 0);
	longest[7 + 255] = 'a';
	longest[7 + 256] = '\0';
	assert_int_equal(parse(&u, longest), LGW_EINVAL);
}

static void addresses(void **state)
{
	struct addr a, b;
	char text[ADDR_TEXT_MAX];

	(void)state;
	assert_int_equal(resolve_literal(&a, "192.0.2.1", 5683), 0);
	assert_string_equal(addr_text(text, &a), "192.0.2.1:5683");
	assert_int_equal(resolve_literal(&b, "192.0.2.1", 5684), 0);
	assert_false(addr_eq(&a, &b));
	assert_int_equal(resolve_literal(&b, "192.0.2.1", 5683), 0);
	assert_true(addr_eq(&a, &b));
	assert_int_equal(resolve_literal(&b, "2001:db8::1", 5683), 0);
	assert_string_equal(addr_text(text, &b), "[2001:db8::1]:5683");
	assert_false(addr_eq(&a, &b));
	assert_int_equal(resolve_literal(&a, "localhost", 1), LGW_EINVAL);
	assert_int_equal(resolve_literal(&a, "", 1), LGW_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones),
		cmocka_unit_test(bad_ones),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
