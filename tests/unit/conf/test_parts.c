/* SPDX-License-Identifier: BSD-3-Clause */
/* Quantities with units, secrets by reference, and what libconfig swallows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <lgw/status.h>
#include "conf/scan.h"
#include "conf/schema.h"
#include "conf/secret.h"
#include "util/mem.h"

static void durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = { { "500ms", 500 }, { "5s", 5000 }, { "1.5s", 1500 }, { "10min", 600000 },
		{ "2h", 7200000 }, { "7d", 604800000 }, { "90", 90000 }, { "0", 0 } };
	static const char *const bad[] = { "", "s", "5 s", "-5s", "5m", "5sec", "1e3s", "0x5s",
		"5s5s", ".", "1..5s" };
	int64_t ms;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(good); k++) {
		if (schema_duration(good[k].text, &ms))
			fail_msg("%s", good[k].text);
		assert_true(ms == good[k].ms);
	}
	for (size_t k = 0; k < ARRAY_SIZE(bad); k++)
		if (!schema_duration(bad[k], &ms))
			fail_msg("\"%s\" gave %lld", bad[k], (long long)ms);
}

static void sizes(void **state)
{
	int64_t n;

	(void)state;
	assert_int_equal(schema_size("64k", &n), 0);
	assert_true(n == 65536);
	assert_int_equal(schema_size("10M", &n), 0);
	assert_true(n == 10 * 1024 * 1024);
	assert_int_equal(schema_size("2G", &n), 0);
	assert_true(n == 2147483648);
	assert_int_equal(schema_size("100", &n), 0);
	assert_true(n == 100);
	assert_int_not_equal(schema_size("1T", &n), 0);
	assert_int_not_equal(schema_size("k", &n), 0);
}

static char *secret(const char *ref, char *text)
{
	*text = '\0';
	return secret_resolve(ref, text, 256);
}

static void is(char *got, const char *want)
{
	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void secrets(void **state)
{
	char dir[] = "/tmp/lwm2m-gateway.XXXXXX", path[64], ref[80], text[256];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key", dir);
	f = fopen(path, "w");
	fputs("s3cret\r\nsecond line\n", f);
	fclose(f);
	is(secret("plain", text), "plain");
	snprintf(ref, sizeof(ref), "file:%s", path);
	is(secret(ref, text), "s3cret");
	setenv("LGW_TEST_SECRET", "of env", 1);
	is(secret("env:LGW_TEST_SECRET", text), "of env");
	unsetenv("LGW_TEST_SECRET");
	assert_null(secret("env:LGW_TEST_SECRET", text));
	assert_non_null(strstr(text, "LGW_TEST_SECRET"));
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_null(secret("credential:key", text));
	assert_non_null(strstr(text, "LoadCredential"));
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	is(secret("credential:key", text), "s3cret");
	assert_null(secret("credential:../key", text));
	assert_null(secret("credential:nobody", text));
	assert_non_null(strstr(text, "nobody"));
	unsetenv("CREDENTIALS_DIRECTORY");
	f = fopen(path, "w");
	for (int k = 0; k < 5000; k++)
		fputc('x', f);
	fclose(f);
	assert_null(secret(ref, text));
	assert_null(strstr(text, "xxx")); /* the reason never holds the secret */
	unlink(path);
	rmdir(dir);
}

static unsigned overflow(const char *s)
{
	return scan_overflow(s, strlen(s));
}

static void wide_integers(void **state)
{
	(void)state;
	assert_int_equal(overflow("a = 2147483647;"), 0);
	assert_int_equal(overflow("a = -2147483648;"), 0);
	assert_int_equal(overflow("a = 1;\nb = 2147483648;"), 2);
	assert_int_equal(overflow("a = 4294967297L;"), 0);
	assert_int_equal(overflow("a = \"4294967297\";"), 0);
	assert_int_equal(overflow("# 4294967297\n// 4294967297\n/* 4294967297\n */ a = 1;"), 0);
	assert_int_equal(overflow("a4294967297 = 1;"), 0);
	assert_int_equal(overflow("a = \"\\\"\"; b = 99999999999;"), 1);
	assert_int_equal(overflow("a = 4294967297.5;"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(secrets),
		cmocka_unit_test(wide_integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
