/* SPDX-License-Identifier: BSD-3-Clause */
/* What is told of this machine, held against what its own tools and the kernel say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "machine/sys.h"
#include "util/str.h"

static void printable(const char *s)
{
	assert_true(str_utf8_valid(s, strlen(s)));
	for (; *s; s++)
		assert_true((unsigned char)*s >= ' ');
}

static void facts(void **state)
{
	struct sys_facts f;
	struct utsname u;
	char host[64] = "";

	(void)state;
	memset(&f, 0xff, sizeof(f));
	sys_facts_read(&f);
	printable(f.manufacturer);
	printable(f.model);
	printable(f.serial);
	printable(f.hardware_version);
	printable(f.os);
	printable(f.timezone);
	assert_int_equal(uname(&u), 0);
	assert_string_equal(f.kernel, u.release);
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	assert_string_equal(f.hostname, host);
}

static void memory(void **state)
{
	struct sys_state s;

	(void)state;
	assert_int_equal(sys_state_read(&s), 0);
	assert_true(
		s.mem_total_kb == (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / 1024);
	assert_true(s.mem_free_kb > 0 && s.mem_free_kb <= s.mem_total_kb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts),
		cmocka_unit_test(memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
