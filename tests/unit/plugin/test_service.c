/* SPDX-License-Identifier: BSD-3-Clause */
/* What plugins tell of themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "plugin/state.h"

/* A name that a server chose may be in it, and may be cut: neither the bus nor a terminal minds. */
static void state_is_text(void **state)
{
	struct plugin *p = calloc(1, sizeof(*p));

	(void)state;
	assert_non_null(p);
	host_init(p);
	p->host.state(&p->host, "data", true, "\xc3\xb6rt: off");
	p->host.state(&p->host, "modem", true, "x");
	p->host.state(&p->host, "modem", false, "a\x1b[2J\n\xc3");
	assert_int_equal(p->nparts, 2);
	assert_string_equal(p->parts[0].text, "\xc3\xb6rt: off");
	assert_string_equal(p->parts[1].text, "a?[2J??");
	assert_false(p->parts[1].ok);
	p->host.state(&p->host, "third", true, "y");
	p->host.state(&p->host, "modem", false, NULL); /* it is no more */
	p->host.state(&p->host, "never", false, NULL);
	assert_int_equal(p->nparts, 2);
	assert_string_equal(p->parts[1].name, "third");
	for (unsigned k = 0; k < p->nparts; k++) {
		free(p->parts[k].name);
		free(p->parts[k].text);
	}
	free(p->parts);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_is_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
