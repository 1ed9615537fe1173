/* SPDX-License-Identifier: BSD-3-Clause */
/* The pure parts: codes, locations, shared parameters. Dialogues of the whole are in tests/sim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "lwm2m/location.h"
#include "lwm2m/reply.h"
#include "lwm2m/shared.h"
#include "util/err.h"
#include "util/mem.h"

static void test_codes(void **state)
{
	static const struct {
		int status;
		uint8_t code;
	} t[] = { { LGW_EINVAL, COAP_400 }, { LGW_EEXIST, COAP_400 }, { LGW_EACCES, COAP_401 },
		{ LGW_ECRITICAL, COAP_402 }, { LGW_ENOENT, COAP_404 }, { LGW_EOP, COAP_405 },
		{ LGW_EMETHOD, COAP_405 }, { LGW_EACCEPT, COAP_406 }, { LGW_EINCOMPLETE, COAP_408 },
		{ LGW_ETOOBIG, COAP_413 }, { LGW_EFORMAT, COAP_415 }, { LGW_EINTERNAL, COAP_500 },
		{ LGW_EIO, COAP_500 }, { LGW_EREFUSED, COAP_500 }, { LGW_ENOTSUP, COAP_501 },
		{ LGW_EUNAVAIL, COAP_503 }, { LGW_ETIMEDOUT, COAP_504 }, { -99, COAP_500 } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		assert_int_equal(reply_code(t[i].status), t[i].code);
}

static void test_location(void **state)
{
	struct coap_msg resp, req;
	uint8_t *loc;
	uint16_t len;
	char text[64];

	coap_msg_init(&resp, COAP_ACK, COAP_201);
	assert_int_equal(location_take(&resp, &loc, &len), LGW_EINVAL);
	coap_add_str(&resp, COAP_OPT_LOCATION_QUERY, "a=b");
	assert_int_equal(location_take(&resp, &loc, &len), LGW_EINVAL);
	coap_add_str(&resp, COAP_OPT_LOCATION_PATH, "rd");
	coap_add(&resp, COAP_OPT_LOCATION_PATH, "\0\n", 2);
	coap_add_str(&resp, COAP_OPT_LOCATION_QUERY, "c");
	assert_int_equal(location_take(&resp, &loc, &len), 0);
	assert_string_equal(location_text(loc, len, text, sizeof(text)), "/rd/???a=b&c");
	assert_string_equal(location_text(loc, len, text, 5), "/rd/");
	coap_msg_init(&req, COAP_CON, COAP_POST);
	assert_int_equal(location_put(&req, loc, len), 0);
	assert_int_equal(req.nopts, 4);
	assert_int_equal(req.opts[1].num, COAP_OPT_URI_PATH);
	assert_memory_equal(req.opts[1].val, "\0\n", 2);
	assert_int_equal(req.opts[3].num, COAP_OPT_URI_QUERY);
	assert_memory_equal(req.opts[3].val, "c", 1);
	free(loc);
}

static void test_location_too_long(void **state)
{
	struct coap_msg resp;
	char segment[255];
	uint8_t *loc;
	uint16_t len;

	memset(segment, 'x', sizeof(segment));
	coap_msg_init(&resp, COAP_ACK, COAP_201);
	for (int i = 0; i < 3; i++)
		coap_add(&resp, COAP_OPT_LOCATION_PATH, segment, sizeof(segment));
	assert_int_equal(location_take(&resp, &loc, &len), LGW_ETOOBIG);
}

/* Equal parameters are one object, and go with their last user. */
static void test_conf(void **state)
{
	struct clients *cs = xcalloc(1, sizeof(*cs));
	char uri[] = "coap://server";
	struct server_params p = { .account = { .name = "a", .uri = uri, .ssid = 1 },
		.session = session_params_default };
	struct server_conf *a, *b, *c;

	map_init(&cs->confs, &conf_map_ops);
	a = conf_get(cs, &p);
	assert_ptr_not_equal(a->p.account.uri, uri);
	p.account.uri = "coap://server";
	b = conf_get(cs, &p);
	assert_ptr_equal(a, b);
	p.account.lifetime = 5;
	c = conf_get(cs, &p);
	assert_ptr_not_equal(a, c);
	assert_true(conf_same_session(a, c));
	assert_false(conf_same_account(a, c));
	conf_put(cs, c);
	p.account.lifetime = 0;
	p.session.ack_timeout_ms++;
	c = conf_get(cs, &p);
	assert_ptr_not_equal(a, c);
	assert_false(conf_same_session(a, c));
	assert_true(conf_same_account(a, c));
	assert_int_equal(map_count(&cs->confs), 2);
	conf_put(cs, a);
	conf_put(cs, c);
	conf_put(cs, b);
	conf_put(cs, NULL);
	assert_int_equal(map_count(&cs->confs), 0);
	map_fini(&cs->confs);
	free(cs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_location),
		cmocka_unit_test(test_location_too_long),
		cmocka_unit_test(test_conf),
	};

	return cmocka_run_group_tests_name("lwm2m/parts", tests, NULL, NULL);
}
