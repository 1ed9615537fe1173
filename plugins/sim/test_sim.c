/* SPDX-License-Identifier: BSD-3-Clause */
/* The plugin under a host of the test: how any plugin can be tested without the daemon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <lgw/plugin.h>

extern const struct lgw_plugin lgw_plugin;

/* --- the host ------------------------------------------------------------------------------- */

struct lgw_timer {
	lgw_timer_fn fn;
	void *ud;
	int64_t delay;
};

static struct {
	struct lgw_timer timer;
	unsigned timers, batches, offline, online, infos, dones, stopped;
	size_t n;
	char device[64], key[64], version[64];
	struct lgw_value last;
	int done_status;
} seen;

static struct lgw_timer *timer_new(const struct lgw_host *h, lgw_timer_fn fn, void *ud)
{
	(void)h;
	seen.timers++;
	seen.timer = (struct lgw_timer){ fn, ud, -1 };
	return &seen.timer;
}
static void timer_set(struct lgw_timer *t, int64_t delay_ms)
{
	t->delay = delay_ms;
}
static void timer_free(struct lgw_timer *t)
{
	if (t)
		seen.timers--;
}
static int submit(const struct lgw_host *h, const struct lgw_reading *r, size_t n,
	lgw_batch_fn done, void *ud)
{
	(void)h, (void)done, (void)ud;
	seen.batches++;
	seen.n = n;
	if (n) {
		snprintf(seen.device, sizeof(seen.device), "%s", r[n - 1].device);
		snprintf(seen.key, sizeof(seen.key), "%s", r[n - 1].key);
		seen.last = r[n - 1].value;
	}
	return LGW_OK;
}
static int device_online(const struct lgw_host *h, const char *device, bool online)
{
	(void)h, (void)device;
	seen.offline += !online;
	seen.online += online;
	return LGW_OK;
}
static int device_info(
	const struct lgw_host *h, const char *device, const struct lgw_device_info *info)
{
	(void)h, (void)device;
	seen.infos += info->manufacturer != NULL;
	return LGW_OK;
}
static int command_done(const struct lgw_host *h, uint64_t id, int status)
{
	(void)h;
	assert_int_equal(id, 77);
	seen.dones++;
	seen.done_status = status;
	return LGW_OK;
}
static int firmware_done(const struct lgw_host *h, const char *device,
	enum lgw_firmware_result result, const char *version)
{
	(void)h;
	seen.dones++;
	seen.done_status = (int)result;
	snprintf(seen.device, sizeof(seen.device), "%s", device);
	snprintf(seen.version, sizeof(seen.version), "%s", version ? version : "");
	return LGW_OK;
}
static void count(const struct lgw_host *h, const char *name, int64_t add)
{
	(void)h, (void)name, (void)add;
}
static void state(const struct lgw_host *h, const char *part, bool ok, const char *text)
{
	(void)h, (void)part, (void)text;
	assert_true(ok);
}
static const struct lgw_host host = { .submit = submit,
	.device_online = device_online,
	.device_info = device_info,
	.command_done = command_done,
	.firmware_done = firmware_done,
	.timer_new = timer_new,
	.timer_set = timer_set,
	.timer_free = timer_free,
	.count = count,
	.state = state };

/* --- its configuration, by the table that it brings ------------------------------------------ */

static const struct lgw_option *option(const struct lgw_option *table, const char *name)
{
	while (table->name && strcmp(table->name, name))
		table++;
	assert_non_null(table->name);
	return table;
}

#define MEMBER(type_, conf_, table_, name_) \
	(*(type_ *)((char *)(conf_) + option(table_, name_)->offset))

struct stage {
	void *conf, *values, *state;
};

static void begin(struct stage *s, int64_t devices, size_t nvalues)
{
	const struct lgw_option *o = lgw_plugin.options, *v = option(o, "values");
	struct lgw_list *list;

	memset(&seen, 0, sizeof(seen));
	s->conf = calloc(1, lgw_plugin.conf_size);
	MEMBER(int64_t, s->conf, o, "devices") = devices;
	MEMBER(char *, s->conf, o, "prefix") = (char *)"dev";
	MEMBER(int64_t, s->conf, o, "interval") = 1000;
	s->values = calloc(nvalues + 1, v->sub_size);
	list = &MEMBER(struct lgw_list, s->conf, o, "values");
	*list = (struct lgw_list){ s->values, nvalues };
}

/* kind: as in the configuration. */
static void set_value(
	struct stage *s, size_t k, const char *key, const char *kind, double min, double max)
{
	const struct lgw_option *v = option(lgw_plugin.options, "values");
	void *at = (char *)s->values + k * v->sub_size;
	const char *const *choices = option(v->sub, "kind")->choices;
	int n = 0;

	while (strcmp(choices[n], kind))
		n++;
	MEMBER(char *, at, v->sub, "key") = (char *)(uintptr_t)key;
	MEMBER(int, at, v->sub, "kind") = n;
	MEMBER(double, at, v->sub, "min") = min;
	MEMBER(double, at, v->sub, "max") = max;
}

static void start(struct stage *s)
{
	assert_int_equal(lgw_plugin.start(&host, s->conf, &s->state), LGW_OK);
}

static void stopped(void *ud)
{
	(void)ud;
	seen.stopped++;
}

static void end(struct stage *s)
{
	if (s->state)
		lgw_plugin.stop(s->state, stopped, NULL);
	assert_int_equal(seen.stopped, s->state ? 1 : 0);
	assert_int_equal(seen.timers, 0);
	free(s->values);
	free(s->conf);
}

static void rounds(unsigned n)
{
	while (n--)
		seen.timer.fn(seen.timer.ud);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void every_device_says_every_value(void **unused)
{
	struct stage s = { 0 };

	(void)unused;
	begin(&s, 3, 2);
	set_value(&s, 0, "temperature", "sine", 15, 25);
	set_value(&s, 1, "open", "toggle", 0, 1);
	start(&s);
	assert_int_equal(seen.timer.delay, 0);
	rounds(1);
	assert_int_equal(seen.n, 6);
	assert_string_equal(seen.device, "dev00002");
	assert_string_equal(seen.key, "open");
	assert_int_equal(seen.last.type, LGW_BOOL);
	assert_int_equal(seen.infos, 3);
	assert_int_equal(seen.timer.delay, 1000);
	rounds(5);
	assert_int_equal(seen.batches, 6);
	assert_int_equal(seen.infos, 3); /* told once */
	end(&s);
}

static void one_temperature_by_default(void **unused)
{
	struct stage s = { 0 };

	(void)unused;
	begin(&s, 1, 0);
	start(&s);
	for (int k = 0; k < 200; k++) {
		rounds(1);
		assert_string_equal(seen.key, "temperature");
		assert_true(seen.last.u.r >= 15 && seen.last.u.r <= 25);
	}
	end(&s);
}

static void kinds_of_values(void **unused)
{
	struct stage s = { 0 };
	double before = -1;

	(void)unused;
	begin(&s, 1, 1);
	set_value(&s, 0, "v", "ramp", 0, 9);
	start(&s);
	for (int k = 0; k < 10; k++) {
		rounds(1);
		assert_true(seen.last.u.r > before && seen.last.u.r <= 9);
		before = seen.last.u.r;
	}
	rounds(1);
	assert_true(seen.last.u.r == 0);
	end(&s);
	begin(&s, 1, 1);
	set_value(&s, 0, "v", "counter", 0, 0);
	s.state = NULL;
	start(&s);
	rounds(4);
	assert_int_equal(seen.last.type, LGW_INT);
	assert_int_equal(seen.last.u.i, 3);
	end(&s);
}

static void some_are_offline_at_times(void **unused)
{
	struct stage s = { 0 };

	(void)unused;
	begin(&s, 4, 0);
	MEMBER(int64_t, s.conf, lgw_plugin.options, "offline_every") = 3;
	start(&s);
	rounds(9);
	assert_true(seen.offline >= 8 && seen.online > seen.offline);
	end(&s);
}

static int order(struct stage *s, const char *device, const char *key, struct lgw_value v)
{
	const struct lgw_command c = { .id = 77, .device = device, .key = key, .value = v };

	return lgw_plugin.command(s->state, &c);
}

static void commands(void **unused)
{
	const struct lgw_option *v = option(lgw_plugin.options, "values");
	struct lgw_value on = { .type = LGW_REAL, .u.r = 7 },
			 word = { .type = LGW_TEXT, .u.s = { "x", 1 } };
	struct stage s = { 0 };

	(void)unused;
	begin(&s, 2, 2);
	set_value(&s, 0, "set", "constant", 1, 9);
	set_value(&s, 1, "fixed", "constant", 1, 9);
	MEMBER(bool, s.values, v->sub, "writable") = true;
	start(&s);
	rounds(1);
	assert_int_equal(order(&s, "dev00001", "set", on), LGW_OK);
	assert_int_equal(seen.dones, 1);
	assert_int_equal(seen.done_status, LGW_OK);
	assert_string_equal(seen.device, "dev00001"); /* its report confirms it */
	assert_true(seen.last.u.r == 7);
	assert_int_equal(order(&s, "dev00001", "fixed", on), LGW_ENOENT);
	assert_int_equal(order(&s, "dev00002", "set", on), LGW_ENOENT);
	assert_int_equal(order(&s, "dev0000x", "set", on), LGW_ENOENT);
	assert_int_equal(order(&s, "other", "set", on), LGW_ENOENT);
	assert_int_equal(order(&s, "dev00001", "set", word), LGW_EINVAL);
	assert_int_equal(seen.dones, 1);
	end(&s);
}

static int step(struct stage *s, enum lgw_firmware_step step, const char *image)
{
	const struct lgw_firmware_job job = { "sim00000", step, image };

	seen.dones = 0;
	assert_int_equal(lgw_plugin.firmware->begin(s->state, &job), LGW_OK);
	assert_int_equal(seen.dones, 1);
	assert_string_equal(seen.device, "sim00000");
	return seen.done_status;
}

static void firmware_of_devices(void **unused)
{
	char good[] = "/tmp/test_sim.XXXXXX";
	struct stage s = { 0 };
	int fd = mkstemp(good);

	(void)unused;
	assert_int_equal(write(fd, "SIM 1.2.3\nrest", 14), 14);
	close(fd);
	begin(&s, 1, 0);
	MEMBER(char *, s.conf, lgw_plugin.options, "prefix") = (char *)"sim";
	start(&s);
	assert_false(lgw_plugin.firmware->offers(s.state, "sim00000"));
	MEMBER(bool, s.conf, lgw_plugin.options, "firmware") = true;
	assert_true(lgw_plugin.firmware->offers(s.state, "sim00000"));
	assert_false(lgw_plugin.firmware->offers(s.state, "other"));
	assert_int_equal(step(&s, LGW_FIRMWARE_CHECK, good), LGW_FIRMWARE_OK);
	assert_string_equal(seen.version, "1.2.3");
	assert_int_equal(step(&s, LGW_FIRMWARE_INSTALL, good), LGW_FIRMWARE_OK);
	assert_int_equal(step(&s, LGW_FIRMWARE_CHECK, "/dev/null"), LGW_FIRMWARE_TYPE);
	assert_int_equal(step(&s, LGW_FIRMWARE_RESUME, "/nonexistent"), LGW_FIRMWARE_FAILED);
	unlink(good);
	end(&s);
}

static void bad_configurations(void **unused)
{
	char text[128], prefix[80];
	struct stage s = { 0 };

	(void)unused;
	begin(&s, 1, 1);
	set_value(&s, 0, "v", "ramp", 5, 4);
	assert_int_equal(lgw_plugin.check(s.conf, text, sizeof(text)), LGW_EINVAL);
	assert_non_null(strstr(text, "\"v\""));
	set_value(&s, 0, "v", "ramp", 4, 5);
	assert_int_equal(lgw_plugin.check(s.conf, text, sizeof(text)), LGW_OK);
	memset(prefix, 'p', sizeof(prefix));
	prefix[61] = '\0';
	MEMBER(char *, s.conf, lgw_plugin.options, "prefix") = prefix;
	assert_int_equal(lgw_plugin.check(s.conf, text, sizeof(text)), LGW_EINVAL);
	assert_non_null(strstr(text, "prefix"));
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_device_says_every_value),
		cmocka_unit_test(one_temperature_by_default),
		cmocka_unit_test(kinds_of_values),
		cmocka_unit_test(some_are_offline_at_times),
		cmocka_unit_test(commands),
		cmocka_unit_test(firmware_of_devices),
		cmocka_unit_test(bad_configurations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
