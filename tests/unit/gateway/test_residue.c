/* SPDX-License-Identifier: BSD-3-Clause */
/* What updates leave behind: objects that a device has no longer, files of devices that are gone.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base.h"
#include "gateway/absent.h"
#include "gateway/keep.h"
#include "gateway/state.h"

struct house {
	struct base b;
	struct device *device;
	struct dm *dm;
	char dir[64];
};

static const struct source_ops source_ops = { 0 };

static struct map_entry entries[] = { ENTRY("t", "3303/0/5700"), ENTRY("h", "3304/0/5700"),
	ENTRY("h2", "3304/1/5700") };
static struct map_conf standard = { .name = (char *)"standard",
	.entries = { entries, ARRAY_SIZE(entries) } };

static void report(struct house *h, const char *key, double v, unsigned flags)
{
	base_report(&h->b, "box", key, v, flags);
}

static void begin(struct house *h)
{
	base_open(&h->b, &source_ops, h);
	report(h, "t", 20, 0);
	h->device = gateway_find(h->b.gateway, "box");
	absent_load(h->device);
	report(h, "h", 40, 0);
	report(h, "h2", 41, LGW_READING_RETAINED);
	h->dm = client_dm(device_client(h->device));
}

static int set_up(void **state)
{
	struct house *h = xcalloc(1, sizeof(*h));

	base_init(&h->b, &standard);
	snprintf(h->dir, sizeof(h->dir), "/tmp/test_residue.XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	h->b.params.firmware =
		(struct firmware_params){ .directory = h->dir, .keep_for_ms = 90LL * 86400000 };
	begin(h);
	*state = h;
	return 0;
}

static int tear_down(void **state)
{
	struct house *h = *state;

	base_fini(&h->b);
	assert_int_equal(rmdir(h->dir), 0);
	free(h);
	return 0;
}

/* --- objects ------------------------------------------------------------------------------- */

static bool there(struct house *h, struct path p)
{
	return dm_exists(h->dm, &p);
}

static void remove_file(struct house *h, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", h->dir, name);
	assert_int_equal(remove(path), 0);
}

static void stopped(void *ud)
{
	*(bool *)ud = true;
}

/* The end does not wait for what still says goodbye. */
static void it_ends_while_devices_leave(void **state)
{
	struct house *h = *state;
	bool told = false;

	gateway_device_remove(h->b.source, "box");
	assert_null(gateway_find(h->b.gateway, "box"));
	gateway_stop(h->b.gateway, stopped, &told);
	assert_false(told);
	gateway_free(h->b.gateway);
	assert_int_equal(clients_count(h->b.env.clients), 0);
	begin(h);
}

static void an_instance_goes(void **state)
{
	struct house *h = *state;

	assert_true(there(h, PATH_INST(3304, 1)));
	absent_told(h->device, "/3304/1");
	assert_false(there(h, PATH_INST(3304, 1)));
	assert_true(there(h, PATH_INST(3304, 0)));
	report(h, "h2", 42, LGW_READING_RETAINED);
	assert_false(there(h, PATH_INST(3304, 1)));
	/* Over a restart, when a broker sends its copies again. */
	gateway_free(h->b.gateway);
	begin(h);
	assert_true(there(h, PATH_INST(3304, 0)));
	assert_false(there(h, PATH_INST(3304, 1)));
	/* It is there after all. */
	report(h, "h2", 42, 0);
	assert_true(there(h, PATH_INST(3304, 1)));
	gateway_free(h->b.gateway);
	begin(h);
	assert_true(there(h, PATH_INST(3304, 1)));
	remove_file(h, "box/absent");
	remove_file(h, "box");
}

static void an_object_goes(void **state)
{
	struct house *h = *state;

	absent_told(h->device, "/3304");
	assert_false(there(h, PATH_OBJ(3304)));
	report(h, "h", 42, LGW_READING_RETAINED);
	assert_false(there(h, PATH_OBJ(3304)));
	report(h, "h", 42, 0);
	assert_true(there(h, PATH_INST(3304, 0)));
	remove_file(h, "box/absent");
	remove_file(h, "box");
}

static void what_a_hook_may_not_take(void **state)
{
	static const char *const bad[] = { "", "/", "/3", "/0/0", "/1", "/5", "/3304/0/5700",
		"/3304/x", "3304/0 " };
	struct house *h = *state;

	for (size_t k = 0; k < ARRAY_SIZE(bad); k++)
		absent_told(h->device, bad[k]);
	assert_true(there(h, PATH_INST(3304, 0)));
	assert_true(there(h, PATH_INST(3, 0)));
	assert_true(there(h, PATH_OBJ(1)));
}

static void a_list_that_is_full(void **state)
{
	struct house *h = *state;
	char text[16];

	for (int k = 0; k < ABSENT_MAX; k++) {
		snprintf(text, sizeof(text), "/4%03d", k);
		absent_told(h->device, text);
	}
	absent_told(h->device, "/3304");
	assert_true(there(h, PATH_INST(3304, 0)));
	absent_told(h->device, "/4000/7"); /* said already */
	remove_file(h, "box/absent");
	remove_file(h, "box");
}

/* --- files ----------------------------------------------------------------------------------- */

static void make(struct house *h, const char *dir, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", h->dir, dir);
	assert_int_equal(keep_dir(path), 0);
	assert_int_equal(keep_write(path, name, text, strlen(text)), 0);
}

static bool has(struct house *h, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", h->dir, name);
	return !access(path, F_OK);
}

static void make_update(struct house *h, const char *device)
{
	char package[64];

	snprintf(package, sizeof(package), "%s/software-3", device);
	make(h, device, "state", "LGF\001");
	make(h, device, "image", "bytes");
	make(h, package, "state", "LGS\001");
	make(h, package, "image", "bytes");
}

static void gone_for_good(void **state)
{
	struct house *h = *state;

	make_update(h, "box");
	make_update(h, "other");
	make(h, "other", "notes", "mine");
	gateway_device_remove(h->b.source, "box");
	script_advance(&h->b.sc, 30000);
	assert_false(has(h, "box"));
	assert_true(has(h, "other/image"));
	assert_true(has(h, "other/software-3/image"));
	for (int k = 0; k < 2; k++) { /* what is not ours stays, also the second time */
		base_report(&h->b, "other", "t", 0, 0);
		gateway_device_remove(h->b.source, "other");
		script_advance(&h->b.sc, 30000);
		assert_false(has(h, "other/image"));
		assert_false(has(h, "other/software-3"));
		assert_true(has(h, "other/notes"));
	}
	remove_file(h, "other/notes");
	remove_file(h, "other");
}

static void set_age(struct house *h, const char *dir, int64_t days)
{
	int64_t s = timers_wall(h->b.sc.timers) / 1000 - days * 86400;
	const struct timespec t = { .tv_sec = s };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", h->dir, dir);
	assert_int_equal(utimensat(AT_FDCWD, path, (const struct timespec[]){ t, t }, 0), 0);
}

static void never_seen_again(void **state)
{
	struct house *h = *state;

	make_update(h, "old");
	make_update(h, "young");
	make(h, "foreign", "state", "of something else");
	set_age(h, "old", 91);
	set_age(h, "young", 80);
	set_age(h, "foreign", 1000);
	script_advance(&h->b.sc, 3600000);
	assert_true(has(h, "old/image"));
	h->b.params.firmware.keep_for_ms = 0; /* for ever */
	script_advance(&h->b.sc, 86400000);
	assert_true(has(h, "old/image"));
	h->b.params.firmware.keep_for_ms = 90LL * 86400000;
	script_advance(&h->b.sc, 86400000);
	assert_false(has(h, "old"));
	assert_true(has(h, "young/image"));
	assert_true(has(h, "foreign/state"));
	script_advance(&h->b.sc, 10LL * 86400000);
	assert_false(has(h, "young"));
	remove_file(h, "foreign/state");
	remove_file(h, "foreign");
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_ends_while_devices_leave),
		TEST(an_instance_goes),
		TEST(an_object_goes),
		TEST(what_a_hook_may_not_take),
		TEST(a_list_that_is_full),
		TEST(gone_for_good),
		TEST(never_seen_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
