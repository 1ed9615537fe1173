/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects 10 and 13 without a modem: what is taken, refused, told, and remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "fakehost.h"

static struct modem *begin(void)
{
	struct modem *m = g_new0(struct modem, 1);

	m->host = &fake_host;
	radio_begin(m);
	selection_begin(m);
	return m;
}

static void end(struct modem *m)
{
	selection_drop(m);
	radio_drop(m);
	selection_end(m);
	radio_end(m);
	g_free(m);
	assert_int_equal(host.ntimers, 0);
	host.ntold = 0;
}

static const struct lgw_value *told(uint16_t object, uint16_t resource)
{
	for (size_t k = 0; k < host.ntold; k++)
		if (host.told[k].object == object && host.told[k].resource == resource)
			return &host.told[k].value;
	return NULL;
}

static int write_text(struct modem *m, uint16_t object, uint16_t resource, const char *text)
{
	struct lgw_setting s = { object, 0, resource, LGW_SINGLE,
		{ LGW_TEXT, { .s = { text, strlen(text) } } } };
	int r = object == 10 ? radio_check(m, &s, 1) : selection_check(m, &s, 1);

	if (r)
		return r;
	return object == 10 ? radio_apply(m, 1, &s, 1) : selection_apply(m, 1, &s, 1);
}

static int write_int(struct modem *m, uint16_t object, uint16_t resource, int32_t index, int64_t i)
{
	struct lgw_setting s = { object, 0, resource, index, { LGW_INT, { .i = i } } };

	return object == 10 ? radio_check(m, &s, 1) : selection_check(m, &s, 1);
}

static void centre(void **state)
{
	static const char *const bad[] = { "12", "+12", "+", "++123", "123+", "12 34", "x123",
		"123456789012345678901", "+123456789012345678901" };
	struct modem *m = begin();

	(void)state;
	for (size_t k = 0; k < G_N_ELEMENTS(bad); k++)
		assert_int_equal(write_text(m, 10, 0, bad[k]), LGW_EINVAL);
	assert_int_equal(write_text(m, 10, 0, "+12345678901234567890"), LGW_OK);
	assert_int_equal(write_text(m, 10, 2, "code"), LGW_ENOENT);
	assert_int_equal(write_int(m, 10, 12, LGW_SINGLE, 0), LGW_ENOENT);
	assert_int_equal(told(10, 12)->u.i, 0);
	end(m);
	m = begin();
	assert_string_equal(m->radio.smsc, "+12345678901234567890");
	assert_string_equal(told(10, 0)->u.s.p, "+12345678901234567890");
	assert_int_equal(write_text(m, 10, 0, ""), LGW_OK);
	radio_smsc_seen(m, "+49171");
	assert_string_equal(told(10, 0)->u.s.p, "+49171");
	end(m);
	m = begin();
	assert_int_equal(told(10, 0)->type, LGW_NULL); /* none is known in this life */
	end(m);
}

static void period(void **state)
{
	struct lgw_setting s = { 10, 0, 1, LGW_SINGLE, { LGW_INT, { .i = 65535 } } };
	struct modem *m = begin();

	(void)state;
	assert_int_equal(write_int(m, 10, 1, LGW_SINGLE, -1), LGW_EINVAL);
	assert_int_equal(write_int(m, 10, 1, LGW_SINGLE, 65536), LGW_EINVAL);
	assert_int_equal(radio_apply(m, 1, &s, 1), LGW_OK);
	assert_false(m->radio.off); /* the answer leaves first */
	end(m);
	m = begin();
	assert_true(m->radio.off);
	assert_int_equal(told(10, 1)->u.i, 65535);
	s.value.u.i = 0;
	assert_int_equal(radio_apply(m, 1, &s, 1), LGW_OK);
	assert_false(m->radio.off);
	end(m);
	m = begin();
	assert_false(m->radio.off);
	assert_int_equal(told(10, 1)->u.i, 0);
	end(m);
}

static void operators(void **state)
{
	static const char *const bad[] = { "2620", "2620111", ",26201", "26201,", "26201,,26202",
		"26201 26202", "abcde", "26201,x",
		"00101,00102,00103,00104,00105,00106,00107,00108,00109,00110,00111,00112,00113,"
		"00114,00115,00116,00117" };
	struct modem *m = begin();

	(void)state;
	for (size_t k = 0; k < G_N_ELEMENTS(bad); k++)
		assert_int_equal(write_text(m, 13, 6, bad[k]), LGW_EINVAL);
	assert_int_equal(write_text(m, 13, 5, "cell"), LGW_ENOENT);
	assert_int_equal(write_text(m, 13, 6, "26201,310410"), LGW_OK);
	end(m);
	m = begin();
	assert_string_equal(told(13, 6)->u.s.p, "26201,310410");
	assert_int_equal(write_text(m, 13, 6, ""), LGW_OK);
	end(m);
}

/* Which can be meant at all; a modem that is not there takes none. */
static void bearers(void **state)
{
	struct modem *m = begin();

	(void)state;
	for (int64_t k = -1; k <= 101; k++) {
		bool ours = (k >= 0 && k <= 4) || k == 16;

		assert_int_equal(write_int(m, 13, 0, 0, k), ours ? LGW_EUNAVAIL : LGW_EINVAL);
	}
	assert_int_equal(write_int(m, 13, 0, 0, INT64_MAX), LGW_EINVAL);
	assert_int_equal(selection_refresh(m, 1, 0, 8), LGW_EUNAVAIL);
	assert_int_equal(selection_refresh(m, 1, 0, 6), LGW_OK);
	end(m);
}

/* Each byte of what was kept is another one: it is taken whole or not at all. */
static void damaged(void **state)
{
	struct modem *m = begin();
	struct lgw_setting s = { 10, 0, 1, LGW_SINGLE, { LGW_INT, { .i = 9 } } };
	void *was;

	(void)state;
	assert_int_equal(write_text(m, 10, 0, "+49171"), LGW_OK);
	assert_int_equal(write_text(m, 13, 6, "26201"), LGW_OK);
	assert_int_equal(radio_apply(m, 1, &s, 1), LGW_OK);
	end(m);
	assert_int_equal(host.nkept, 3);
	was = g_memdup2(host.kept, sizeof(host.kept));
	for (size_t k = 0; k < 3; k++)
		for (size_t at = 0; at < host.kept[k].len; at++) {
			host.kept[k].bytes[at] ^= 0xff;
			m = begin();
			assert_true(strlen(m->radio.smsc) < SMSC_MAX);
			for (size_t b = 0; b < BEARERS_MAX; b++)
				assert_in_range(m->selection.c.bearer[b] + 1, 0, 17);
			assert_true(m->radio.period_ms <= 65535ll * 60000);
			end(m);
			memcpy(host.kept, was, sizeof(host.kept)); /* what is over is forgotten */
			host.nkept = 3;
		}
	g_free(was);
}

static int setup(void **state)
{
	(void)state;
	memset(&host, 0, sizeof(host));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(centre, setup),
		cmocka_unit_test_setup(period, setup),
		cmocka_unit_test_setup(operators, setup),
		cmocka_unit_test_setup(bearers, setup),
		cmocka_unit_test_setup(damaged, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
