/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of the configuration about standard objects. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/gateway.h"
#include "gateway/state.h"
#include "util/err.h"
#include "util/mem.h"

static void places(void **state)
{
	static const char *const good[] = { "0,0", "48.8584, 2.2945", " -90 , 180 ",
		"48.8584, 2.2945, 35", "48.8584,2.2945,-3.5,10" };
	static const char *const bad[] = { "", "48", "48,", "48,2,", "91,0", "0,181", "x,y",
		"1,2,3,4,5", "1,2,3,-1", "nan,0", "0,nan", "1 2" };
	struct location l;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(good); k++)
		if (gateway_location_parse(good[k], &l))
			fail_msg("\"%s\" refused", good[k]);
	assert_true(l.latitude == 48.8584 && l.longitude == 2.2945 && l.altitude == -3.5 &&
		    l.radius == 10 && isnan(l.speed) && isnan(l.heading) && isnan(l.climb));
	gateway_location_parse(good[1], &l);
	assert_true(isnan(l.altitude) && isnan(l.radius));
	for (size_t k = 0; k < ARRAY_SIZE(bad); k++)
		if (!gateway_location_parse(bad[k], &l))
			fail_msg("\"%s\" taken", bad[k]);
}

static void lists_of_objects(void **state)
{
	char *good[] = { "7", "16", "19" }, *bad[] = { "7", "4" };
	struct gateway_params p = { .objects = { good, 3 } };
	char text[128] = "";

	(void)state;
	assert_int_equal(standard_check(&p, text, sizeof(text)), 0);
	p.objects = (struct lgw_list){ bad, 2 };
	assert_int_equal(standard_check(&p, text, sizeof(text)), LGW_EINVAL);
	assert_non_null(strstr(text, "\"4\""));
	p.objects.n = 0;
	assert_int_equal(standard_check(&p, text, sizeof(text)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(lists_of_objects),
	};

	return cmocka_run_group_tests_name("standard objects", tests, NULL, NULL);
}
