/* SPDX-License-Identifier: BSD-3-Clause */
#include "written.h"
#include <stdio.h>
#include "objects/standard.h"
#include "types/format.h"

int written_setup(void **state)
{
	struct stage *st;

	stage_setup(state);
	st = *state;
	st->env.orphan_ttl_ms = 86400000;
	st->servers[0].account.storing = false;
	stage_store(st);
	return 0;
}

void restart(struct stage *st)
{
	stage_restart(st, 5000);
}

void go_on(struct stage *st, const char *update)
{
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "server");
	expect_request(st, COAP_POST, update);
	answer(st, COAP_204);
}

uint8_t put_text(struct stage *st, const char *uri, const char *text)
{
	request(st, COAP_PUT, uri);
	request_text(st, CF_TEXT, text);
	return ask(st);
}

void expect_text(struct stage *st, const char *uri, const char *text)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_TEXT);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, text);
}

void with_portfolio(struct stage *st)
{
	assert_int_equal(object_add(client_objects(st->client), 16), 0);
}

void create(struct stage *st, int iid, const char *name)
{
	char json[80];

	snprintf(json, sizeof(json), "[{\"bn\":\"/16/%d/\",\"n\":\"0/0\",\"vs\":\"%s\"}]", iid,
		name);
	request(st, COAP_POST, "/16");
	request_text(st, CF_SENML_JSON, json);
	assert_int_equal(ask(st), COAP_201);
}
