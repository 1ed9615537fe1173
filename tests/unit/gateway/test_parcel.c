/* SPDX-License-Identifier: BSD-3-Clause */
/* What updates stand on: files that are whole or not there, records of firmware, programs that run.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>
#include "gateway/firmware.h"
#include "gateway/hook.h"
#include "gateway/keep.h"
#include "gateway/parcel.h"
#include "gateway/software.h"
#include "loop/loop.h"
#include "until.h"
#include "util/err.h"
#include "util/mem.h"

struct stage {
	char dir[64];
	struct loop *loop;
	struct hook_exec *exec;
	unsigned done;
	int status;
	char output[HOOK_OUTPUT_MAX + 1];
};

static int set_up(void **state)
{
	struct stage *st = xcalloc(1, sizeof(*st));

	snprintf(st->dir, sizeof(st->dir), "/tmp/test_parcel.XXXXXX");
	assert_non_null(mkdtemp(st->dir));
	st->loop = loop_new();
	st->exec = hook_exec_new(st->loop, st->dir);
	*state = st;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *st = *state;
	static const char *const names[] = { "a", "hook", "d/e/f/x", "d/e/f", "d/e", "d" };
	char path[128];

	hook_exec_free(st->exec);
	loop_free(st->loop);
	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		snprintf(path, sizeof(path), "%s/%s", st->dir, names[k]);
		remove(path);
	}
	assert_int_equal(rmdir(st->dir), 0);
	free(st);
	return 0;
}

static void kept_files(void **state)
{
	struct stage *st = *state;
	char buf[8], path[128];

	assert_int_equal(keep_read(st->dir, "a", buf, sizeof(buf)), LGW_ENOENT);
	assert_int_equal(keep_write(st->dir, "a", "hello", 5), 0);
	assert_int_equal(keep_read(st->dir, "a", buf, sizeof(buf)), 5);
	assert_memory_equal(buf, "hello", 5);
	assert_int_equal(keep_write(st->dir, "a", "12345678", 8), 0);
	assert_int_equal(keep_read(st->dir, "a", buf, 8), 8);
	assert_int_equal(keep_read(st->dir, "a", buf, 7), LGW_ETOOBIG);
	assert_int_equal(keep_write(st->dir, "a", "", 0), 0);
	assert_int_equal(keep_read(st->dir, "a", buf, 8), 0);
	snprintf(path, sizeof(path), "%s/d/e/f", st->dir);
	assert_int_equal(keep_write(path, "x", "1", 1), LGW_EIO);
	assert_int_equal(keep_dir(path), 0);
	assert_int_equal(keep_dir(path), 0);
	assert_int_equal(keep_write(path, "x", "1", 1), 0);
	snprintf(path, sizeof(path), "%s/a/b", st->dir); /* below a file */
	assert_int_equal(keep_dir(path), LGW_EIO);
}

static void named_files(void **state)
{
	static const struct {
		const char *text, *name;
	} t[] = { { "box", "box" }, { "urn:dev:1-2_3.x", "urn:dev:1-2_3.x" }, { "..", "%2e." },
		{ ".", "%2e" }, { "a/../b", "a%2f..%2fb" }, { "\xc3\xa9 ", "%c3%a9%20" },
		{ "%2f", "%252f" } };
	char text[300], *a, *b;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		a = keep_name(t[k].text);
		assert_string_equal(a, t[k].name);
		free(a);
	}
	memset(text, 'x', 252);
	text[252] = '\0';
	a = keep_name(text);
	text[251] = 'y';
	b = keep_name(text);
	assert_int_equal(strlen(a), 150);
	assert_string_not_equal(a, b);
	free(a);
	free(b);
}

static void records(void **state)
{
	struct firmware_record r = { .state = 3,
		.result = 9,
		.pull = true,
		.ssid = 65534,
		.version = "2.0" },
			       back;
	uint8_t buf[FW_RECORD_MAX];
	size_t len;

	(void)state;
	memset(r.uri, 'u', FIRMWARE_TEXT_MAX);
	memset(r.name, 'n', FIRMWARE_TEXT_MAX);
	len = fw_encode(&r, buf);
	assert_int_equal(fw_decode(&back, buf, len), 0);
	assert_int_equal(back.state, 3);
	assert_int_equal(back.result, 9);
	assert_true(back.pull && !back.whole);
	assert_int_equal(back.ssid, 65534);
	assert_string_equal(back.uri, r.uri);
	assert_string_equal(back.name, r.name);
	assert_string_equal(back.version, "2.0");
	for (size_t k = 0; k < len; k++)
		assert_int_equal(fw_decode(&back, buf, k), LGW_EINVAL);
	buf[len] = 0;
	assert_int_equal(fw_decode(&back, buf, len + 1), LGW_EINVAL);
	buf[4] = 4; /* no such state */
	assert_int_equal(fw_decode(&back, buf, len), LGW_EINVAL);
	buf[4] = 0;
	buf[0] ^= 1;
	assert_int_equal(fw_decode(&back, buf, len), LGW_EINVAL);
}

/* --- programs ------------------------------------------------------------------------------ */

static void write_hook(struct stage *st, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/hook", st->dir);
	f = fopen(path, "w");
	fprintf(f, "#!/bin/sh\n%s\n", text);
	fclose(f);
	chmod(path, 0700);
}

static void on_done(void *ud, int status, const char *output)
{
	struct stage *st = ud;

	st->done++;
	st->status = status;
	snprintf(st->output, sizeof(st->output), "%s", output);
}

static struct hook_job *begin(struct stage *st, const char *program, int64_t timeout_ms)
{
	struct hook_request r = {
		.program = program, .verb = "check", .job = "j", .timeout_ms = timeout_ms
	};
	struct hook_job *j;

	parcel_var(&r, "LGW_A", "one\ntwo");
	parcel_var(&r, "LGW_B", NULL);
	st->done = 0;
	j = hook_ops_exec.run(st->exec, &r, on_done, st);
	free(r.vars[0]);
	assert_int_equal(r.nvars, 1);
	assert_int_equal(st->done, 0);
	return j;
}

static int run(struct stage *st, const char *program, int64_t timeout_ms)
{
	begin(st, program, timeout_ms);
	UNTIL(st->loop, st->done);
	assert_int_equal(st->done, 1);
	return st->status;
}

static void programs(void **state)
{
	struct stage *st = *state;
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (fd < 0) { /* valgrind 3.19 */
		print_message("no pidfd_open here: no hook can be run\n");
		skip();
	}
	close(fd);
	write_hook(st, "echo \"version=$1 $LGW_A$LGW_B\"; env | grep -c LGW");
	assert_int_equal(run(st, "hook", PATIENCE_MS), 0);
	assert_string_equal(st->output, "version=check one?two\n1\n");
	write_hook(st, "exit 6");
	assert_int_equal(run(st, "hook", PATIENCE_MS), 6);
	write_hook(st, "kill -9 $$");
	assert_int_equal(run(st, "hook", PATIENCE_MS), 128 + 9);
	/* More than is looked at: it must not wait for us. */
	write_hook(st, "head -c 1000000 /dev/zero | tr '\\0' x; exit 3");
	assert_int_equal(run(st, "hook", PATIENCE_MS), 3);
	assert_int_equal(strlen(st->output), HOOK_OUTPUT_MAX);
	/* What it leaves behind is not waited for. */
	write_hook(st, "sleep 60 & echo ok; exit 0");
	assert_int_equal(run(st, "hook", PATIENCE_MS), 0);
	assert_string_equal(st->output, "ok\n");
	/* It is given up with all that it started. */
	write_hook(st, "sleep 60; exit 0");
	assert_int_equal(run(st, "hook", 50), LGW_ETIMEDOUT);
	assert_int_equal(run(st, "nothing", PATIENCE_MS), LGW_EIO);
	assert_int_equal(run(st, "../hook", PATIENCE_MS), LGW_EINVAL);
	assert_int_equal(run(st, "", PATIENCE_MS), LGW_EINVAL);
}

static void forgotten(void **state)
{
	struct stage *st = *state;

	write_hook(st, "exit 0");
	hook_ops_exec.forget(begin(st, "hook", PATIENCE_MS));
	hook_ops_exec.forget(NULL);
	for (int k = 0; k < 20; k++)
		loop_turn(st->loop, 20);
	assert_int_equal(st->done, 0);
	begin(st, "hook", PATIENCE_MS); /* freed with the stage */
}

static void rules(void **state)
{
	struct firmware_rule good = { .device = "*", .hook = "up-date_2" };
	struct firmware_rule none = { .device = "*", .hook = "" }, bad = { .hook = "../up" };
	struct lgw_list list = { &good, 1 };
	char text[200] = "";

	(void)state;
	assert_int_equal(firmware_check("firmware", NULL, &list, text, sizeof(text)), 0);
	list.items = &none;
	assert_int_equal(firmware_check("firmware", "", &list, text, sizeof(text)), 0);
	list.items = &bad;
	assert_int_equal(firmware_check("firmware", NULL, &list, text, sizeof(text)), LGW_EINVAL);
	assert_non_null(strstr(text, "../up"));
	list.n = 0;
	assert_int_equal(firmware_check("software", "a b", &list, text, sizeof(text)), LGW_EINVAL);
	assert_int_equal(strncmp(text, "software", 8), 0);
}

static void records_of_software(void **state)
{
	static struct software_record r, back;
	static uint8_t buf[SW_RECORD_MAX + 1];
	size_t len;

	(void)state;
	r = (struct software_record){ .state = 4,
		.result = 59,
		.job = 4,
		.active = true,
		.announce = true,
		.component = 1,
		.ssid = 7,
		.ncomponents = 8,
		.user = "u",
		.password = "p",
		.name = "n",
		.version = "v" };
	memset(r.uri, 'u', KEEP_TEXT_MAX);
	for (unsigned k = 0; k < 8; k++) {
		memset(r.components[k].name, 'c', KEEP_TEXT_MAX);
		memset(r.components[k].version, 'v', KEEP_TEXT_MAX);
		r.components[k].active = k & 1;
	}
	len = sw_encode(&r, buf);
	assert_int_equal(sw_decode(&back, buf, len), 0);
	assert_memory_equal(&r, &back, sizeof(r));
	for (size_t k = 0; k < len; k++)
		assert_int_equal(sw_decode(&back, buf, k), LGW_EINVAL);
	assert_int_equal(sw_decode(&back, buf, len + 1), LGW_EINVAL);
	buf[4] = 5;
	assert_int_equal(sw_decode(&back, buf, len), LGW_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kept_files, set_up, tear_down),
		cmocka_unit_test(named_files),
		cmocka_unit_test(records),
		cmocka_unit_test(records_of_software),
		cmocka_unit_test_setup_teardown(programs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(forgotten, set_up, tear_down),
		cmocka_unit_test(rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
