/* SPDX-License-Identifier: BSD-3-Clause */
/* The example client of LwM2M 1.0 Appendix F, whole, as its two servers see it. */
#include <stdio.h>
#include "objects/standard.h"
#include "stage.h"
#include "types/format.h"

static int may(void *ud, uint16_t ssid, uint16_t iid)
{
	(void)ud, (void)ssid, (void)iid;
	return LGW_OK;
}
static const struct object_ops firmware = { .create = may };

static void put(struct dm *dm, struct path p, struct value v)
{
	assert_int_equal(dm_set(dm, &p, &v, 0), 0);
}

/* Tables 30 to 41, as far as they are not keys. */
static int example(void **state)
{
	static const int64_t supplies[][3] = { { 1, 3800, 125 }, { 5, 5000, 900 } };
	struct connectivity c = { .cell = -1,
		.area = -1,
		.mcc = -1,
		.mnc = -1,
		.signal_dbm = 92,
		.available = { 0 },
		.navailable = 1,
		.addresses = { "192.168.0.100" },
		.naddresses = 1,
		.routers = { "192.168.1.1" },
		.nrouters = 1,
		.has_utilization = true,
		.utilization = 5 };
	int r = stage_setup(state);
	struct stage *st = *state;
	struct server_params *s = st->servers;
	struct dm *dm;

	s[0].account.ssid = 101;
	s[0].account.pmin = 300;
	s[1].account.ssid = 102;
	s[1].account.pmin = 60;
	s[1].account.storing = false;
	s[1].account.binding = "UQ";
	s[0].account.pmax = s[1].account.pmax = 6000;
	s[0].account.disable_timeout = s[1].account.disable_timeout = 86400;
	s[1].denied = DM_W | DM_X | DM_D | DM_C; /* read-only, where it is not its own account */
	st->params.nservers = 2;
	st->params.endpoint = "example-client";
	st->params.facts.utc_offset = "+02:00";
	stage_client(st);
	dm = client_dm(st->client);
	dm_object_remove(dm, 3303); /* of the stage */
	for (uint16_t k = 0; k < 2; k++) {
		put(dm, PATH_RI(3, 0, 6, k), VALUE_INT(supplies[k][0]));
		put(dm, PATH_RI(3, 0, 7, k), VALUE_INT(supplies[k][1]));
		put(dm, PATH_RI(3, 0, 8, k), VALUE_INT(supplies[k][2]));
	}
	put(dm, PATH_RES(3, 0, 9), VALUE_INT(100));
	put(dm, PATH_RES(3, 0, 10), VALUE_INT(15));
	assert_int_equal(object_connectivity_set(client_objects(st->client), &c), 0);
	put(dm, PATH_RES(4, 0, 3), VALUE_INT(2));
	put(dm, PATH_RI(4, 0, 7, 0), VALUE_STR("internet"));
	/* Table 38: read-only for its owner, and for everybody. */
	put(dm, PATH_RI(2, 3, 2, 101), VALUE_INT(1));
	assert_int_equal(dm_unset(dm, &PATH_RI(2, 3, 2, 102)), 0);
	put(dm, PATH_RI(2, 3, 2, 0), VALUE_INT(1));
	assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 5), &firmware, NULL), 0);
	return r;
}

static void registered(struct stage *st, const char *host, const char *query)
{
	stage_play(st, host);
	expect_request(st, COAP_POST, query);
	expect_payload(st,
		"</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</1/1>,</2/0>,</2/1>,</2/2>,</2/3>,</2/4>,"
		"</3/0>,</4/0>,</5>");
	stage_accept(st);
}

static void both_registered(struct stage *st)
{
	assert_int_equal(client_start(st->client), 0);
	script_settle(&st->sc);
	registered(st, "server", "/rd?ep=example-client&lt=86400&lwm2m=1.0");
	registered(st, "server2", "/rd?ep=example-client&lt=86400&lwm2m=1.0&b=UQ");
	stage_play(st, "server");
}

static void tlv(struct stage *st, const char *uri, const char *want)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_TLV);
	assert_int_equal(ask(st), COAP_205);
	expect_payload_hex(st, want);
}

#define DEVICE                                                                   \
	"c800144f70656e204d6f62696c6520416c6c69616e6365c801164c6967687477656967" \
	"6874204d324d20436c69656e74c80209333435303030313233c303312e308606410001" \
	"41010588070842000ed842011388870841007d42010384c10964c10a0f830b410000c4" \
	"0d5182428fc60e2b30323a3030c11055"

/* 6.4.3.1 and 6.4.3.2, with the byte that the text lost */
static void the_device_as_tlv(void **state)
{
	struct stage *st = *state;

	both_registered(st);
	request(st, COAP_PUT, "/3/0/13");
	request_text(st, CF_TEXT, "1367491215");
	assert_int_equal(ask(st), COAP_204);
	tlv(st, "/3/0", DEVICE);
	tlv(st, "/3", "080079" DEVICE);
}

static void json(struct stage *st, const char *uri, const char *want)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_JSON);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, want);
}

/* 6.4.4: the device as a whole, and the resource with a time */
static void the_device_as_json(void **state)
{
	struct stage *st = *state;

	both_registered(st);
	request(st, COAP_PUT, "/3/0");
	request_text(st, CF_JSON,
		"{\"bn\":\"/3/0/\",\"e\":[{\"n\":\"13\",\"v\":1367491215},"
		"{\"n\":\"14\",\"sv\":\"+02:00\"}]}");
	st->req.code = COAP_POST;
	assert_int_equal(ask(st), COAP_204);
	json(st, "/3/0",
		"{\"bn\":\"/3/0/\",\"e\":[{\"n\":\"0\",\"sv\":\"Open Mobile Alliance\"},"
		"{\"n\":\"1\",\"sv\":\"Lightweight M2M "
		"Client\"},{\"n\":\"2\",\"sv\":\"345000123\"},"
		"{\"n\":\"3\",\"sv\":\"1.0\"},{\"n\":\"6/0\",\"v\":1},{\"n\":\"6/1\",\"v\":5},"
		"{\"n\":\"7/0\",\"v\":3800},{\"n\":\"7/1\",\"v\":5000},{\"n\":\"8/0\",\"v\":125},"
		"{\"n\":\"8/1\",\"v\":900},{\"n\":\"9\",\"v\":100},{\"n\":\"10\",\"v\":15},"
		"{\"n\":\"11/0\",\"v\":0},{\"n\":\"13\",\"v\":1367491215},"
		"{\"n\":\"14\",\"sv\":\"+02:00\"},{\"n\":\"16\",\"sv\":\"U\"}]}");
	json(st, "/3/0/13", "{\"bn\":\"/3/0/13\",\"e\":[{\"v\":1367491215}]}");
	json(st, "/3/0/7",
		"{\"bn\":\"/3/0/7/\",\"e\":[{\"n\":\"0\",\"v\":3800},{\"n\":\"1\",\"v\":5000}]}");
	json(st, "/2/4",
		"{\"bn\":\"/2/4/\",\"e\":[{\"n\":\"0\",\"v\":5},{\"n\":\"1\",\"v\":65535},"
		"{\"n\":\"2/101\",\"v\":16},{\"n\":\"3\",\"v\":65535}]}");
}

static void discovered(struct stage *st, const char *uri, const char *want)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_LINK);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, want);
}

/* The texts of 5.4.2, in canonical form */
static void the_device_discovered(void **state)
{
	struct stage *st = *state;

	both_registered(st);
	assert_int_equal(ask_for(st, COAP_PUT, "/3?pmin=10"), COAP_204);
	discovered(st, "/3",
		"</3>;pmin=10,</3/0>,</3/0/0>,</3/0/1>,</3/0/2>,</3/0/3>,</3/0/4>,</3/0/6>,</3/0/"
		"7>,"
		"</3/0/8>,</3/0/9>,</3/0/10>,</3/0/11>,</3/0/12>,</3/0/13>,</3/0/14>,</3/0/16>");
	assert_int_equal(ask_for(st, COAP_PUT, "/3/0?pmax=60"), COAP_204);
	assert_int_equal(ask_for(st, COAP_PUT, "/3/0/7?gt=50&lt=42.2"), COAP_204);
	discovered(st, "/3/0",
		"</3/0>;pmax=60,</3/0/0>,</3/0/1>,</3/0/2>,</3/0/3>,</3/0/4>,</3/0/6>;dim=2,"
		"</3/0/7>;dim=2;gt=50;lt=42.2,</3/0/8>;dim=2,</3/0/9>,</3/0/10>,</3/0/11>;dim=1,"
		"</3/0/12>,</3/0/13>,</3/0/14>,</3/0/16>");
	discovered(
		st, "/3/0/7", "</3/0/7>;dim=2;pmin=10;pmax=60;gt=50;lt=42.2,</3/0/7/0>,</3/0/7/1>");
	/* The other server has attributes of its own. */
	stage_play(st, "server2");
	assert_int_equal(ask_for(st, COAP_PUT, "/3/0/7?pmax=300&gt=80&lt=75.5"), COAP_204);
	discovered(st, "/3/0/7", "</3/0/7>;dim=2;pmax=300;gt=80;lt=75.5,</3/0/7/0>,</3/0/7/1>");
}

/* Tables 35 to 39 */
static void the_access_control_objects(void **state)
{
	static const char *const acl[] = {
		"c10001"
		"c10100"
		"8302"
		"41650f"
		"c10365", /* /1/0: 101 */
		"c10001"
		"c10101"
		"8302"
		"41660f"
		"c10366", /* /1/1: 102 */
		"c10003"
		"c10100"
		"8602"
		"41650f"
		"416601"
		"c10365", /* /3/0 */
		"c10004"
		"c10100"
		"8602"
		"410001"
		"416501"
		"c10365", /* /4/0 */
		"c10005"
		"c40100"
		"00ffff"
		"8302"
		"416510"
		"c40300"
		"00ffff", /* /5 */
	};
	struct stage *st = *state;

	both_registered(st);
	for (size_t k = 0; k < sizeof(acl) / sizeof(acl[0]); k++) {
		char uri[8];

		snprintf(uri, sizeof(uri), "/2/%zu", k);
		tlv(st, uri, acl[k]);
	}
}

static void what_they_say_holds(void **state)
{
	static const struct {
		const char *host;
		uint8_t method;
		const char *uri;
		int format;
		const char *text;
		uint8_t code;
	} rows[] = {
		{ "server", COAP_GET, "/1/0", -1, NULL, COAP_205 },
		{ "server", COAP_GET, "/1/1", -1, NULL, COAP_401 },
		{ "server2", COAP_GET, "/1/0", -1, NULL, COAP_401 },
		{ "server2", COAP_PUT, "/1/1/5", CF_TEXT, "3600", COAP_204 },
		{ "server", COAP_PUT, "/3/0/14", CF_TEXT, "+01:00", COAP_204 },
		{ "server2", COAP_PUT, "/3/0/14", CF_TEXT, "+01:00", COAP_401 },
		{ "server2", COAP_GET, "/3/0/14", -1, NULL, COAP_205 },
		{ "server2", COAP_POST, "/3/0/4", -1, NULL, COAP_401 },
		{ "server", COAP_GET, "/4/0/4/0", -1, NULL, COAP_205 },
		{ "server2", COAP_GET, "/4/0/4/0", -1, NULL, COAP_205 },
		{ "server", COAP_PUT, "/4/0/0", CF_TEXT, "1", COAP_401 },
		{ "server2", COAP_POST, "/5", CF_TLV, "", COAP_401 },
		{ "server", COAP_GET, "/0", -1, NULL, COAP_401 },
		{ "server2", COAP_PUT, "/2/2/2/102", CF_TEXT, "15", COAP_401 },
		{ "server", COAP_PUT, "/2/2/2/102", CF_TEXT, "3", COAP_204 },
		{ "server2", COAP_PUT, "/3/0/14", CF_TEXT, "+00:00", COAP_204 },
	};
	struct stage *st = *state;

	both_registered(st);
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		uint8_t code;

		stage_play(st, rows[k].host);
		request(st, rows[k].method, rows[k].uri);
		if (rows[k].text)
			request_text(st, rows[k].format, rows[k].text);
		code = ask(st);
		if (code != rows[k].code)
			fail_msg("%s %u %s: %u.%02u", rows[k].host, rows[k].method, rows[k].uri,
				code >> 5, code & 31);
	}
}

#define EXAMPLE(fn_) cmocka_unit_test_setup_teardown(fn_, example, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXAMPLE(the_device_as_tlv),
		EXAMPLE(the_device_as_json),
		EXAMPLE(the_device_discovered),
		EXAMPLE(the_access_control_objects),
		EXAMPLE(what_they_say_holds),
	};

	return cmocka_run_group_tests_name("sim/example", tests, NULL, NULL);
}
