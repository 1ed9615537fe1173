/* SPDX-License-Identifier: BSD-3-Clause */
/* Profiles as object 11 without a modem: what is taken, refused, told, and remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "fakehost.h"

#define TEXT(s_)                                    \
	{                                           \
		LGW_TEXT,                           \
		{                                   \
			.s = { s_, sizeof(s_) - 1 } \
		}                                   \
	}
#define INT_(i_)                \
	{                       \
		LGW_INT,        \
		{               \
			.i = i_ \
		}               \
	}
#define BOOL_(b_)               \
	{                       \
		LGW_BOOL,       \
		{               \
			.b = b_ \
		}               \
	}
#define NONE_             \
	{                 \
		LGW_NULL, \
		{         \
			0 \
		}         \
	}
#define SET(id_, res_, ...)                                         \
	{                                                           \
		LGW_APN_PROFILE, id_, res_, LGW_SINGLE, __VA_ARGS__ \
	}

static struct modem_conf conf = { .connect = CONNECT_ALWAYS,
	.apn = (char *)"internet",
	.user = (char *)"me",
	.password = (char *)"hush",
	.auth = AUTH_PAP };

static struct modem *begin(void)
{
	struct modem *m = g_new0(struct modem, 1);

	m->host = &fake_host;
	m->conf = &conf;
	profiles_begin(m, NULL);
	host_run();
	return m;
}

static void end(struct modem *m)
{
	m->ending = true;
	bearers_drop(m);
	profiles_end(m);
	g_free(m);
	assert_int_equal(host.ntimers, 0);
	host.ntold = 0;
}

static int set_up(void **state)
{
	memset(&host, 0, sizeof(host));
	conf.connect = CONNECT_ALWAYS;
	conf.apn = (char *)"internet";
	*state = begin();
	return 0;
}

static int tear_down(void **state)
{
	end(*state);
	return 0;
}

static const struct lgw_value *told(uint16_t id, uint16_t resource, int32_t index)
{
	static const struct lgw_value none = NONE_;

	for (size_t k = 0; k < host.ntold; k++)
		if (host.told[k].object == LGW_APN_PROFILE && host.told[k].instance == id &&
			host.told[k].resource == resource && host.told[k].index == index)
			return &host.told[k].value;
	return &none;
}

static void is_text(uint16_t id, uint16_t resource, const char *text)
{
	const struct lgw_value *v = told(id, resource, LGW_SINGLE);

	assert_int_equal(v->type, text ? LGW_TEXT : LGW_NULL);
	if (text)
		assert_string_equal(v->u.s.p, text);
}

/* As the daemon does it: both with the same set. */
static int put(struct modem *m, const struct lgw_setting *s, size_t n)
{
	int r = profile_check(m, s, n);

	assert_int_equal(profile_apply(m, 1, s, n), r);
	host_run();
	return r;
}
#define PUT(m_, ...)                                         \
	put(m_, (const struct lgw_setting[]){ __VA_ARGS__ }, \
		sizeof((const struct lgw_setting[]){ __VA_ARGS__ }) / sizeof(struct lgw_setting))

static void pauses(void **state)
{
	static const struct {
		const char *text;
		unsigned n;
		int64_t want;
	} t[] = { { "", 0, -1 }, { "10", 0, 10 }, { "10", 9, 10 }, { "10,60,600", 1, 60 },
		{ "10,60,600", 7, 600 }, { "0", 0, 0 }, { "604800", 0, 604800 },
		{ "604801", 0, -1 }, { ",", 0, -1 }, { "1,", 0, -1 }, { ",1", 0, -1 },
		{ "1,,2", 0, -1 }, { "-1", 0, -1 }, { "+1", 0, -1 }, { " 1", 0, -1 },
		{ "1 ", 0, -1 }, { "1;2", 0, -1 }, { "99999999999999999999", 0, -1 },
		{ "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", 15, 16 },
		{ "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", 0, -1 } };

	(void)state;
	for (size_t k = 0; k < G_N_ELEMENTS(t); k++)
		if (profile_delay_s(t[k].text, t[k].n) != t[k].want)
			fail_msg("\"%s\" %u", t[k].text, t[k].n);
}

static void as_configured(void **state)
{
	struct modem *m = *state;

	is_text(0, 0, "default");
	is_text(0, 1, "internet");
	is_text(0, 5, "me");
	is_text(0, 6, NULL); /* the secret is told to nobody */
	assert_true(told(0, 3, LGW_SINGLE)->u.b && !told(0, 2, LGW_SINGLE)->u.b);
	assert_int_equal(told(0, 4, LGW_SINGLE)->u.i, AUTH_PAP);
	assert_int_equal(told(0, 24, LGW_SINGLE)->u.i, PDN_IPV4);
	assert_int_equal(told(0, 9, 0)->type, LGW_NULL);
	assert_true(bearers_failing(m));
	assert_int_equal(profile_remove(m, 0), LGW_EOP);
}

static void what_is_taken(void **state)
{
	struct modem *m = *state;

	assert_int_equal(PUT(m, SET(0, 1, TEXT("other")), SET(0, 24, INT_(3))), LGW_OK);
	is_text(0, 1, "other");
	assert_int_equal(told(0, 24, LGW_SINGLE)->u.i, 3);
	assert_int_equal(PUT(m, SET(0, 2, BOOL_(true))), LGW_OK);
	is_text(0, 1, NULL);
	assert_true(told(0, 2, LGW_SINGLE)->u.b);
	/* An empty APN is one, and no automatic choice. */
	assert_int_equal(PUT(m, SET(0, 1, TEXT(""))), LGW_OK);
	is_text(0, 1, "");
	assert_false(told(0, 2, LGW_SINGLE)->u.b);
	/* A replace without them. */
	assert_int_equal(PUT(m, SET(0, 1, NONE_), SET(0, 5, NONE_), SET(0, 3, NONE_)), LGW_OK);
	is_text(0, 1, NULL);
	is_text(0, 5, NULL);
	assert_true(told(0, 2, LGW_SINGLE)->u.b && !told(0, 3, LGW_SINGLE)->u.b);
	assert_false(bearers_failing(m));
}

static void what_is_refused(void **state)
{
	static const struct lgw_setting bad[] = { SET(0, 0, TEXT("")), SET(0, 0, NONE_),
		SET(0, 0, TEXT("a\0b")), SET(0, 4, INT_(4)), SET(0, 4, INT_(-1)),
		SET(0, 24, INT_(0)), SET(0, 24, INT_(4)), SET(0, 7, TEXT("soon")),
		{ LGW_APN_PROFILE, 0, 8, 0, TEXT("26201") },
		{ LGW_APN_PROFILE, 0, 8, 0, TEXT("26,01") },
		{ LGW_APN_PROFILE, 0, 8, 0, TEXT("262,1") },
		{ LGW_APN_PROFILE, 0, 8, 0, TEXT("262,0123") },
		{ LGW_APN_PROFILE, 0, 8, 0, TEXT("") } };
	struct modem *m = *state;
	char long_[200];
	struct lgw_setting apn = SET(0, 1, { LGW_TEXT, { .s = { long_, 101 } } });

	for (size_t k = 0; k < G_N_ELEMENTS(bad); k++)
		if (put(m, &bad[k], 1) != LGW_EINVAL)
			fail_msg("setting %zu taken", k);
	memset(long_, 'x', sizeof(long_));
	assert_int_equal(put(m, &apn, 1), LGW_EINVAL);
	apn.value.u.s.len = 100;
	assert_int_equal(put(m, &apn, 1), LGW_OK);
	assert_int_equal(PUT(m, SET(0, 15, TEXT("192.0.2.1"))), LGW_ENOENT);
	assert_int_equal(PUT(m, SET(0, 1, TEXT("a")), SET(0, 2, BOOL_(true))), LGW_EINVAL);
	/* All or nothing. */
	assert_int_equal(PUT(m, SET(0, 0, TEXT("new")), SET(0, 4, INT_(9))), LGW_EINVAL);
	is_text(0, 0, "default");
}

static void networks(void **state)
{
	struct modem *m = *state;
	struct lgw_setting s = { LGW_APN_PROFILE, 0, 8, 0, TEXT("262,01") };

	for (s.index = 0; s.index < VALID_MAX; s.index++)
		assert_int_equal(put(m, &s, 1), LGW_OK);
	assert_int_equal(put(m, &s, 1), LGW_EINVAL); /* one too many */
	s.index = 3;
	s.value = (struct lgw_value)TEXT("310,260");
	assert_int_equal(put(m, &s, 1), LGW_OK);
	assert_string_equal(told(0, 8, 3)->u.s.p, "310,260");
	s.value.type = LGW_NULL;
	assert_int_equal(put(m, &s, 1), LGW_OK);
	s.index = 60000;
	s.value = (struct lgw_value)TEXT("001,01");
	assert_int_equal(put(m, &s, 1), LGW_OK);
	s.index = LGW_SINGLE; /* all of them go */
	s.value.type = LGW_NULL;
	assert_int_equal(put(m, &s, 1), LGW_OK);
	for (size_t k = 0; k < VALID_MAX; k++)
		assert_true(m->profiles[0].c.valid[k].riid < 0);
}

static void never(void **state)
{
	struct modem *m = *state;
	struct modem_conf old = conf;

	conf.connect = CONNECT_NEVER;
	profiles_begin(m, &old);
	host_run();
	assert_false(told(0, 3, LGW_SINGLE)->u.b);
	assert_int_equal(PUT(m, SET(0, 3, BOOL_(true))), LGW_EOP);
	assert_int_equal(PUT(m, SET(0, 3, BOOL_(false))), LGW_OK);
}

static void remembered(void **state)
{
	struct modem *m = *state;
	struct lgw_setting s = SET(0, 0, TEXT("more"));

	assert_int_equal(PUT(m, SET(0, 1, TEXT("other"))), LGW_OK);
	for (s.instance = 10; s.instance < 10 + PROFILES_MAX - 1; s.instance++) {
		assert_int_equal(profile_create(m, s.instance), LGW_OK);
		assert_int_equal(put(m, &s, 1), LGW_OK);
	}
	assert_int_equal(profile_create(m, 99), LGW_ENOMEM);
	profile_gone(m, 12);
	assert_null(profile_find(m, 12));
	assert_int_equal(profile_create(m, 99), LGW_OK);
	end(m);
	m = begin();
	is_text(0, 1, "other");
	is_text(13, 0, "more");
	assert_null(profile_find(m, 12));
	assert_non_null(profile_find(m, 16));
	end(m);
	/* Another configuration is newer than what was written, of its own profile. */
	conf.apn = (char *)"third";
	m = begin();
	is_text(0, 1, "third");
	is_text(13, 0, "more");
	end(m);
	/* Damaged, or of another make. */
	for (size_t k = 0; k < host.nkept; k++)
		host.kept[k].bytes[0]++;
	m = begin();
	is_text(0, 1, "third");
	assert_null(profile_find(m, 13));
	assert_int_equal(host.nkept, 0);
	*state = m;
}

int main(void)
{
#define T(f_) cmocka_unit_test_setup_teardown(f_, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(pauses),
		T(as_configured),
		T(what_is_taken),
		T(what_is_refused),
		T(networks),
		T(never),
		T(remembered),
	};

	return cmocka_run_group_tests_name("profiles of the modem", tests, NULL, NULL);
}
