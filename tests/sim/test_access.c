/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operation x what object 2 says -> code, for both versions of the protocol, printed as a matrix
 * (LwM2M 1.0 §7.3.2); Notify is judged at the time of sending. Owners that change on the wire.
 */
#include <stdio.h>
#include "objects/standard.h"
#include "stage.h"
#include "types/format.h"
#include "util/log.h"
#include "util/mem.h"

#define ALL       (DM_R | DM_W | DM_X | DM_D)
#define BOOTSTRAP 65535

/* --- what object 2 says ---------------------------------------------------------------------- */

/* The server that asks is 1; entries: -1, there is none. */
static const struct situation {
	const char *name;
	size_t servers;
	bool no_instance;       /* object 2 says nothing of the instance */
	int owner, own, rest;   /* of the instance: owner, entry of server 1, default entry */
	int make_own, make_all; /* entries of /oid/65535 */
	const char *may;        /* R W E D C */
} situations[] = {
	{ "one server alone", 1, false, 0, -1, -1, -1, -1, "RWEDC" },
	{ "no instance of object 2", 2, true, 0, -1, -1, -1, -1, "" },
	{ "no entries, another's", 2, false, 2, -1, -1, -1, -1, "" },
	{ "no entries, bootstrap's", 2, false, BOOTSTRAP, -1, -1, -1, -1, "" },
	{ "owner", 2, false, 1, -1, -1, -1, -1, "RWED" },
	{ "owner, default R", 2, false, 1, -1, DM_R, -1, -1, "RWED" },
	{ "owner, own R", 2, false, 1, DM_R, -1, -1, -1, "R" },
	{ "owner, own none, default all", 2, false, 1, 0, ALL, -1, -1, "" },
	{ "own R", 2, false, 2, DM_R, -1, -1, -1, "R" },
	{ "own W", 2, false, 2, DM_W, -1, -1, -1, "W" },
	{ "own E", 2, false, 2, DM_X, -1, -1, -1, "E" },
	{ "own D", 2, false, 2, DM_D, -1, -1, -1, "D" },
	{ "own C of the instance", 2, false, 2, DM_C, -1, -1, -1, "" },
	{ "own all", 2, false, 2, ALL, -1, -1, -1, "RWED" },
	{ "own none, default all", 2, false, 2, 0, ALL, -1, -1, "" },
	{ "own W, default R", 2, false, 2, DM_W, DM_R, -1, -1, "W" },
	{ "default R", 2, false, 2, -1, DM_R, -1, -1, "R" },
	{ "default W", 2, false, 2, -1, DM_W, -1, -1, "W" },
	{ "default E", 2, false, 2, -1, DM_X, -1, -1, "E" },
	{ "default D", 2, false, 2, -1, DM_D, -1, -1, "D" },
	{ "default all and C", 2, false, 2, -1, ALL | DM_C, -1, -1, "RWED" },
	{ "create right", 2, false, 2, -1, -1, DM_C, -1, "C" },
	{ "create right, no instance", 2, true, 0, -1, -1, DM_C, -1, "C" },
	{ "create right by default", 2, false, 2, -1, -1, -1, DM_C, "" },
	{ "all but C of the object", 2, false, 2, -1, -1, ALL, -1, "" },
};

/* The instance of object 2 that speaks of /oid/iid. */
static uint16_t entry_of(struct stage *st, uint16_t oid, uint16_t iid)
{
	struct dm *dm = client_dm(st->client);
	int32_t y = -1;
	struct value a, b;

	while (dm_next(dm, &PATH_OBJ(2), &y)) {
		assert_int_equal(dm_get(dm, &PATH_RES(2, y, 0), &a, NULL), 0);
		assert_int_equal(dm_get(dm, &PATH_RES(2, y, 1), &b, NULL), 0);
		if (a.u.i == oid && b.u.i == iid)
			return (uint16_t)y;
	}
	fail_msg("object 2 does not speak of /%u/%u", oid, iid);
	return 0;
}

static void set_entry(struct stage *st, uint16_t y, uint16_t ssid, int rights)
{
	struct path p = PATH_RI(2, y, 2, ssid);

	if (rights < 0)
		dm_unset(client_dm(st->client), &p);
	else
		assert_int_equal(dm_set(client_dm(st->client), &p, &VALUE_INT(rights), 0), 0);
}

static void say(struct stage *st, const struct situation *s, uint16_t oid)
{
	uint16_t y = entry_of(st, oid, 0);

	set_entry(st, y, 1, s->own);
	set_entry(st, y, 0, s->rest);
	assert_int_equal(
		dm_set(client_dm(st->client), &PATH_RES(2, y, 3), &VALUE_INT(s->owner), 0), 0);
	if (s->no_instance)
		assert_int_equal(dm_instance_remove(client_dm(st->client), 2, y), 0);
}

static void arrange(struct stage *st, const struct situation *s)
{
	uint16_t y;

	if (s->servers < 2)
		return;
	say(st, s, 16);
	say(st, s, 1);
	y = entry_of(st, 16, BOOTSTRAP);
	set_entry(st, y, 1, s->make_own);
	set_entry(st, y, 0, s->make_all);
}

/* Two servers, or one; /16/0 with one value. */
static void begin(struct stage *st, enum lwm2m_version v, size_t servers)
{
	struct value a = VALUE_STR("a");
	struct dm *dm;

	st->servers[0].version = st->servers[1].version = v;
	st->params.nservers = servers;
	stage_client(st);
	dm = client_dm(st->client);
	assert_int_equal(object_add(client_objects(st->client), 16), 0);
	assert_int_equal(dm_instance_add(dm, 16, 0), 0);
	assert_int_equal(dm_set(dm, &PATH_RI(16, 0, 0, 0), &a, 0), 0);
	stage_register(st);
}

/* --- operations ------------------------------------------------------------------------------ */

static void observe_option(struct stage *st)
{
	request_option(st, COAP_OPT_OBSERVE, 0);
}
static void discover_option(struct stage *st)
{
	request_option(st, COAP_OPT_ACCEPT, CF_LINK);
}
static void tlv_values(struct stage *st)
{
	request_hex(st, CF_TLV, "8300410062");
}
static void tlv_list(struct stage *st)
{
	request_hex(st, CF_TLV, "410062");
}
static void text(struct stage *st)
{
	request_text(st, CF_TEXT, "b");
}
static void paths(struct stage *st)
{
	request_text(st, CF_SENML_ETCH_JSON, "[{\"n\":\"/16/0/0\"}]");
}
static void records(struct stage *st)
{
	request_text(st, CF_SENML_ETCH_JSON, "[{\"n\":\"/16/0/0/0\",\"vs\":\"b\"}]");
}

static const struct operation {
	const char *name;
	uint8_t method;
	const char *uri;
	void (*more)(struct stage *st);
	char needs; /* right; 0: none */
	uint8_t code;
} operations[] = {
	{ "read", COAP_GET, "/16/0", NULL, 'R', COAP_205 },
	{ "value", COAP_GET, "/16/0/0/0", NULL, 'R', COAP_205 },
	{ "object", COAP_GET, "/16", NULL, 0, COAP_205 },
	{ "observe", COAP_GET, "/16/0/0", observe_option, 'R', COAP_205 },
	{ "discov.", COAP_GET, "/16/0", discover_option, 0, COAP_205 },
	{ "attrib.", COAP_PUT, "/16/0/0?pmin=1", NULL, 'R', COAP_204 },
	{ "replace", COAP_PUT, "/16/0", tlv_values, 'W', COAP_204 },
	{ "update", COAP_POST, "/16/0", tlv_values, 'W', COAP_204 },
	{ "put res", COAP_PUT, "/16/0/0", tlv_list, 'W', COAP_204 },
	{ "put val", COAP_PUT, "/16/0/0/0", text, 'W', COAP_204 },
	{ "execute", COAP_POST, "/1/0/8", NULL, 'E', COAP_204 },
	{ "create", COAP_POST, "/16", tlv_values, 'C', COAP_201 },
	{ "fetch", COAP_FETCH, "/", paths, 0, COAP_205 },
	{ "ipatch", COAP_IPATCH, "/", records, 'W', COAP_204 },
	{ "delete", COAP_DELETE, "/16/0", NULL, 'D', COAP_202 }, /* last: it is gone then */
};

static bool may(const struct situation *s, char right)
{
	return !right || strchr(s->may, right);
}

/* What has no right is told as if it had nothing to say. */
static bool hides(struct stage *st, const struct situation *s, const struct operation *op)
{
	bool empty = st->m.payload_len <= 2; /* nothing, or an empty array */

	return op->needs || st->m.code != COAP_205 || op->more == discover_option ||
	       empty == !may(s, 'R');
}

static bool run(struct stage *st, const struct situation *s, const struct operation *op)
{
	request(st, op->method, op->uri);
	if (op->more)
		op->more(st);
	return ask(st) == (may(s, op->needs) ? op->code : COAP_401) && hides(st, s, op);
}

/* It was observed while that was allowed; now its value changes. */
static bool notify(struct stage *st, const struct situation *s, enum lwm2m_version v)
{
	struct value b = VALUE_STR("b");
	uint8_t want = may(s, 'R') ? COAP_205 : COAP_401;

	begin(st, v, s->servers);
	if (s->servers > 1)
		set_entry(st, entry_of(st, 16, 0), 1, DM_R);
	observe(st, "/16/0/0");
	arrange(st, s);
	assert_int_equal(dm_set(client_dm(st->client), &PATH_RI(16, 0, 0, 0), &b, 0), 0);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	return st->m.code == want && (want == COAP_205) == (st->m.payload_len > 0) &&
	       (want == COAP_205) == !!coap_opt_find(&st->m, COAP_OPT_OBSERVE);
}

static unsigned print_cell(const struct stage *st, bool good)
{
	print_message(" %u.%02u%-3s", st->m.code >> 5, st->m.code & 31, good ? "" : "!");
	return !good;
}

static void matrix(struct stage *st, enum lwm2m_version v)
{
	unsigned bad = 0;

	print_message("LwM2M %s\n%-30s", v == LWM2M_1_0 ? "1.0" : "1.1", "");
	for (size_t k = 0; k < ARRAY_SIZE(operations); k++)
		print_message(" %-7s", operations[k].name);
	print_message(" notify\n");
	for (size_t c = 0; c < ARRAY_SIZE(situations); c++) {
		const struct situation *s = &situations[c];

		print_message("%-30s", s->name);
		for (size_t k = 0; k < ARRAY_SIZE(operations); k++) {
			begin(st, v, s->servers);
			arrange(st, s);
			bad += print_cell(st, run(st, s, &operations[k]));
		}
		bad += print_cell(st, notify(st, s, v));
		print_message("\n");
	}
	assert_int_equal(bad, 0);
}

static void matrix_of_1_0(void **state)
{
	matrix(*state, LWM2M_1_0);
}

static void matrix_of_1_1(void **state)
{
	matrix(*state, LWM2M_1_1);
}

/* --- owners ---------------------------------------------------------------------------------- */

static uint8_t write_text(struct stage *st, const char *uri, const char *value)
{
	request(st, COAP_PUT, uri);
	request_text(st, CF_TEXT, value);
	return ask(st);
}

/* §7.3.1.2.2: the owner gives it away, and is a server like others then. */
static void owner_changes(void **state)
{
	struct stage *st = *state;
	char owner[32], list[32];
	uint16_t y;

	begin(st, LWM2M_1_0, 2);
	y = entry_of(st, 16, 0);
	snprintf(owner, sizeof(owner), "/2/%u/3", y);
	snprintf(list, sizeof(list), "/2/%u/2/1", y);
	set_entry(st, y, 1, -1);
	stage_play(st, "server2");
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	assert_int_equal(ask_for(st, COAP_GET, owner), COAP_205); /* all may know */
	expect_payload(st, "1");
	assert_int_equal(write_text(st, owner, "2"), COAP_401);
	stage_play(st, "server");
	assert_int_equal(write_text(st, owner, "7"), COAP_400); /* there is no such server */
	assert_int_equal(write_text(st, owner, "2"), COAP_204);
	assert_int_equal(write_text(st, owner, "1"), COAP_401);
	assert_int_equal(write_text(st, list, "15"), COAP_401);
	assert_int_equal(ask_for(st, COAP_GET, "/16/0/0"), COAP_401);
	stage_play(st, "server2");
	assert_int_equal(write_text(st, list, "1"), COAP_204);
	stage_play(st, "server");
	assert_int_equal(ask_for(st, COAP_GET, "/16/0/0"), COAP_205);
	assert_int_equal(ask_for(st, COAP_DELETE, "/16/0"), COAP_401);
	/* Whoever deletes it, its entry goes, too. */
	stage_play(st, "server2");
	set_entry(st, y, 2, -1);
	assert_int_equal(ask_for(st, COAP_DELETE, "/16/0"), COAP_202);
	assert_int_equal(ask_for(st, COAP_GET, owner), COAP_404);
}

/* E.1.3: an account goes. What it alone could reach goes with it, and servers are told. */
static void account_goes(void **state)
{
	struct stage *st = *state;
	uint16_t y;

	begin(st, LWM2M_1_0, 3);
	y = entry_of(st, 16, 0);
	set_entry(st, y, 2, DM_R | DM_W);
	set_entry(st, y, 3, DM_R);
	assert_int_equal(dm_instance_add(client_dm(st->client), 16, 1), 1);
	y = entry_of(st, 16, 1);
	for (uint16_t ssid = 2; ssid <= 3; ssid++)
		set_entry(st, y, ssid, -1);
	stage_play(st, "server2");
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	memmove(st->servers, st->servers + 1, 2 * sizeof(st->servers[0]));
	st->params.nservers = 2;
	assert_int_equal(client_reconfigure(st->client, &st->params), 0);
	script_settle(&st->sc);
	while (script_take(st->link, &st->m))
		answer(st, COAP_204);                               /* an Update: instances went */
	assert_int_equal(ask_for(st, COAP_GET, "/16/1"), COAP_401); /* nothing speaks of it */
	assert_false(dm_exists(client_dm(st->client), &PATH_INST(16, 1)));
	assert_int_equal(ask_for(st, COAP_GET, "/16/0"), COAP_205);
	y = entry_of(st, 16, 0);
	assert_false(dm_exists(client_dm(st->client), &PATH_RI(2, y, 2, 1)));
	assert_int_equal(write_text(st, "/16/0/0/0", "new"), COAP_204);
	assert_int_equal(write_text(st, "/2/0/3", "3"), COAP_401);
}

#define DIALOGUE(f_) cmocka_unit_test_setup_teardown(f_, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIALOGUE(matrix_of_1_0),
		DIALOGUE(matrix_of_1_1),
		DIALOGUE(owner_changes),
		DIALOGUE(account_goes),
	};

	log_reset_levels(LGW_LOG_ERR); /* the matrix is what is to be read */
	return cmocka_run_group_tests_name("sim/access", tests, NULL, NULL);
}
