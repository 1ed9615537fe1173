/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <lgw/status.h>
#include "fixture.h"
#include "gateway/names.h"

static void paths_in_numbers_and_words(void **state)
{
	static const char *const good[] = { "/3303/0/5700", "3303/0/5700",
		"Temperature/0/Sensor_Value", "temperature/0/sensor value", "3303/0/Sensor_Value" };
	static const char *const bad[] = { "", "/", "3303/0/5700/0/0", "Temperatur/0/5700",
		"3303/x/5700", "3303/0/Sensor", "3303/65536/5700", "3303/-1/5700", "//0/5700" };
	struct objdefs *defs = fixture_defs();
	struct path p;

	(void)state;
	for (size_t k = 0; k < sizeof(good) / sizeof(*good); k++) {
		if (names_path(defs, good[k], &p))
			fail_msg("%s", good[k]);
		assert_true(path_eq(&p, &PATH_RES(3303, 0, 5700)));
	}
	for (size_t k = 1; k < sizeof(bad) / sizeof(*bad); k++)
		if (!names_path(defs, bad[k], &p) && p.n)
			fail_msg("%s", bad[k]);
	objdefs_unref(defs);
}

static const struct name_parts parts = {
	.device = "kitchen", .plugin = "mqtt", .machine = "0123", .serial = NULL, .name = "Küche 1"
};

static int endpoint(const char *template, char *out)
{
	char text[128] = "";
	int r = names_endpoint(template, &parts, out, ENDPOINT_MAX + 1, text, sizeof(text));

	assert_true(!r || *text); /* a refusal has a reason */
	return r;
}

static void endpoints(void **state)
{
	char out[ENDPOINT_MAX + 1], long_one[400];

	(void)state;
	assert_int_equal(endpoint("{device}", out), 0);
	assert_string_equal(out, "kitchen");
	assert_int_equal(endpoint("urn:dev:ops:{machine}-{plugin}-{device}", out), 0);
	assert_string_equal(out, "urn:dev:ops:0123-mqtt-kitchen");
	assert_int_equal(endpoint("x{serial}", out), 0); /* unknown of this device: empty */
	assert_string_equal(out, "x");
	assert_int_equal(endpoint("{name}", out), 0);
	assert_null(strchr(out, ' '));
	assert_int_equal(endpoint("{serial}", out), LGW_EINVAL);
	assert_int_equal(endpoint("", out), LGW_EINVAL);
	assert_int_equal(endpoint("{devise}", out), LGW_EINVAL);
	assert_int_equal(endpoint("a{device", out), LGW_EINVAL);
	memset(long_one, 'a', sizeof(long_one));
	long_one[sizeof(long_one) - 1] = '\0';
	assert_int_equal(endpoint(long_one, out), LGW_ETOOBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_in_numbers_and_words),
		cmocka_unit_test(endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
