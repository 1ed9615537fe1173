/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any request in any format with any options: what is refused has changed nothing, and nothing that
 * a server says is answered with 5.xx.
 */
#include <stdio.h>
#include "objects/standard.h"
#include "stage.h"
#include "types/format.h"
#include "util/log.h"
#include "util/mem.h"

#define ROUNDS 3000

static const uint8_t methods[] = { COAP_GET, COAP_PUT, COAP_PUT, COAP_POST, COAP_POST, COAP_DELETE,
	COAP_FETCH, COAP_IPATCH, COAP_IPATCH };
static const char *const paths[] = { "/", "/", "/1", "/1/0", "/1/0/2", "/1/0/3", "/1/0/6", "/3/0",
	"/3/0/14", "/3/0/11", "/3/0/11/0", "/16", "/16", "/16/0", "/16/0", "/16/1", "/16/0/0",
	"/16/0/0/0", "/16/0/0/7", "/16/0/0/65535", "/3303/0", "/3303/0/5700", "/99/0/0", "/0/0/1",
	"/1/0/2?pmin=1", "/16/0?pmax=x", "/3303/0/5700?gt=1&lt=2" };
/* Good ones for some of these paths, and bad ones that begin well. fits: a path where it is one of
 * the two. */
static const struct {
	int format;
	const char *fits, *hex, *text;
} bodies[] = {
	{ CF_TEXT, "/1/0/2", NULL, "17" },
	{ CF_TEXT, "/16/0/0/0", NULL, "" },
	{ CF_TEXT, "/1/0/3", NULL, "-1" },
	{ CF_TEXT, "/1/0/6", NULL, "1" },
	{ CF_CBOR, "/1/0/3", "1818", NULL },
	{ CF_CBOR, "/16/0/0/7", "6161", NULL },
	{ CF_CBOR, "/1/0/2", "f97e00", NULL },
	{ CF_OPAQUE, "/16/0/0/0", "00", NULL },
	{ CF_TLV, "/16", "8300410062", NULL },
	{ CF_TLV, "/16/0/0", "410063", NULL },
	{ CF_TLV, "/16/0", "800041", NULL },
	{ CF_TLV, "/16/0", "83004100648000", NULL },
	{ CF_TLV, "/16/0", "83004100658300410066", NULL },
	{ CF_TLV, "/1/0", "c10203c10305", NULL },
	{ CF_TLV, "/1/0", "c10204c10001", NULL },
	{ CF_TLV, "/1/0", "c10205c10378c20301", NULL },
	{ CF_TLV, "/1/0", "c10206c16301", NULL },
	{ CF_TLV, "/16", "05018300410067", NULL },
	{ CF_TLV, "/16", "0500", NULL },
	{ CF_TLV, NULL, "", NULL },
	{ CF_SENML_JSON, "/", NULL, "[{\"n\":\"/1/0/2\",\"v\":7},{\"n\":\"/1/0/3\",\"v\":8}]" },
	{ CF_SENML_JSON, "/", NULL, "[{\"n\":\"/1/0/2\",\"v\":9},{\"n\":\"/1/0/0\",\"v\":8}]" },
	{ CF_SENML_JSON, "/", NULL, "[{\"n\":\"/1/0/2\",\"v\":10},{\"n\":\"/1/0/3\",\"v\":-8}]" },
	{ CF_SENML_JSON, "/", NULL,
		"[{\"n\":\"/16/0/0/0\",\"vs\":\"h\"},{\"n\":\"/1/0/2\",\"v\":11}]" },
	{ CF_SENML_JSON, "/", NULL,
		"[{\"n\":\"/16/0/0/0\",\"vs\":\"i\"},{\"n\":\"/16/9/0/0\",\"vs\":\"i\"}]" },
	{ CF_SENML_JSON, "/", NULL,
		"[{\"n\":\"/16/0/0/0\",\"vs\":\"j\"},{\"n\":\"/16/0/0/0\",\"vs\":\"k\"}]" },
	{ CF_SENML_JSON, "/", NULL,
		"[{\"n\":\"/16/0/0/0\",\"vs\":\"l\"},{\"n\":\"/16/0/0/1\",\"v\":1}]" },
	{ CF_SENML_JSON, "/", NULL, "[{\"n\":\"/16/2/0/0\",\"vs\":\"m\"}]" },
	{ CF_SENML_JSON, "/", NULL,
		"[{\"bn\":\"/16/0/\",\"n\":\"0/0\",\"vs\":\"n\"},{\"n\":\"0/1\",\"vs\":\"o\"}]" },
	{ CF_SENML_JSON, "/", NULL, "[{\"n\":\"/3/0/14\",\"vs\":\"+01:00\"}]" },
	{ CF_SENML_JSON, "/", NULL,
		"[{\"n\":\"/3/0/14\",\"vs\":\"+02:00\"},{\"n\":\"/3/0/4\",\"v\":1}]" },
	{ CF_SENML_JSON, "/", NULL, "[{\"n\":\"/16\"},{\"n\":\"/1/0/2\"}]" },
	{ CF_SENML_CBOR, "/", "82a200662f312f302f32020ca200662f312f302f33020d", NULL },
	{ CF_SENML_CBOR, "/", "82a200662f312f302f32020ea200662f312f302f33036178", NULL },
	{ CF_JSON, "/1/0", NULL,
		"{\"bn\":\"/1/0/\",\"e\":[{\"n\":\"2\",\"v\":15},{\"n\":\"3\",\"v\":16}]}" },
	{ CF_JSON, "/1/0", NULL,
		"{\"bn\":\"/1/0/\",\"e\":[{\"n\":\"2\",\"v\":17},{\"n\":\"3\",\"sv\":\"1\"}]}" },
	{ CF_LINK, NULL, NULL, "</1>" },
	{ 65535, NULL, NULL, "1" },
};
static const struct {
	uint16_t num;
	uint32_t value;
} options[] = { { COAP_OPT_ACCEPT, CF_TLV }, { COAP_OPT_ACCEPT, CF_TEXT },
	{ COAP_OPT_ACCEPT, CF_LINK }, { COAP_OPT_ACCEPT, CF_SENML_CBOR },
	{ COAP_OPT_ACCEPT, 65535 }, { COAP_OPT_BLOCK2, 0 }, { COAP_OPT_BLOCK2, 1 << 4 | 6 },
	{ COAP_OPT_BLOCK2, 7 }, { COAP_OPT_BLOCK1, 6 }, { COAP_OPT_BLOCK1, 8 },
	{ COAP_OPT_BLOCK1, 1 << 4 }, { COAP_OPT_BLOCK1, 7 }, { COAP_OPT_SIZE2, 0 },
	{ COAP_OPT_SIZE1, 1u << 31 }, { COAP_OPT_IF_MATCH, 0 }, { 65001, 1 } };

static uint32_t seed = 7;

/* The same numbers everywhere. */
static uint32_t rnd(size_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % (uint32_t)below;
}

/* All that servers could have changed; its ETag stands for what is beyond a block. */
struct state {
	uint8_t bytes[2048];
	size_t len;
};

static void look(struct stage *st, struct state *s)
{
	const struct coap_opt *etag;

	request(st, COAP_FETCH, "/");
	request_text(st, CF_SENML_JSON, "[{\"n\":\"/1\"},{\"n\":\"/3/0/14\"},{\"n\":\"/16\"}]");
	assert_int_equal(ask(st), COAP_205);
	etag = coap_opt_find(&st->m, COAP_OPT_ETAG);
	s->len = st->m.payload_len + (etag ? etag->len : 0);
	assert_true(s->len <= sizeof(s->bytes));
	memcpy(s->bytes, st->m.payload, st->m.payload_len);
	if (etag)
		memcpy(s->bytes + st->m.payload_len, etag->val, etag->len);
}

static uint8_t anything(struct stage *st)
{
	size_t body = rnd(ARRAY_SIZE(bodies)), extra = rnd(3 * ARRAY_SIZE(options));
	uint8_t code = methods[rnd(ARRAY_SIZE(methods))];
	const char *path = paths[rnd(ARRAY_SIZE(paths))];

	if (rnd(2) && bodies[body].fits)
		path = bodies[body].fits;
	if (rnd(20) && (code == COAP_FETCH || code == COAP_IPATCH))
		path = "/";
	request(st, code, path);
	if (st->req.code == COAP_GET || st->req.code == COAP_DELETE)
		st->req.payload_len = 0;
	else if (bodies[body].hex)
		request_hex(st, bodies[body].format, bodies[body].hex);
	else
		request_text(st, bodies[body].format, bodies[body].text);
	if (extra < ARRAY_SIZE(options))
		request_option(st, options[extra].num, options[extra].value);
	return ask(st);
}

/* Instances that came or went are told by an Update. */
static void answer_updates(struct stage *st)
{
	script_settle(&st->sc);
	while (script_take(st->link, &st->m))
		answer(st, COAP_204);
}

static void what_is_refused_changes_nothing(void **state)
{
	unsigned done = 0, changed = 0;
	struct stage *st = *state;
	struct state before, after;

	assert_int_equal(object_add(client_objects(st->client), 16), 0);
	stage_register(st);
	look(st, &before);
	for (unsigned n = 0; n < ROUNDS; n++) {
		uint8_t code = anything(st);
		bool same;

		if (COAP_CODE_CLASS(code) == 5)
			fail_msg("round %u: %u.%02u", n, COAP_CODE_CLASS(code), code & 31u);
		answer_updates(st);
		look(st, &after);
		same = before.len == after.len && !memcmp(before.bytes, after.bytes, after.len);
		if (!same && COAP_CODE_CLASS(code) != 2)
			fail_msg("round %u: %u.%02u, and yet something changed", n,
				COAP_CODE_CLASS(code), code & 31u);
		done += COAP_CODE_CLASS(code) == 2;
		changed += !same;
		before = after;
	}
	print_message("%u requests, %u done, %u changed something\n", ROUNDS, done, changed);
	assert_true(changed > 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_refused_changes_nothing, stage_setup, stage_teardown),
	};

	log_reset_levels(LGW_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
