/* SPDX-License-Identifier: BSD-3-Clause */
#include "house.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "until.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

static int on_command(void *ud, const struct lgw_command *c)
{
	struct house *h = ud;

	h->command = c->id;
	str_copy(h->key, sizeof(h->key), c->key);
	return LGW_OK;
}

static struct map_entry entries[] = { ENTRY("t", "3303/0/5700"), ENTRY("u", "3303/1/5700"),
	ENTRY("v", "3303/2/5700"), ENTRY("p*", "3305/0/5800"),
	ENTRY("power", "3311/0/5850", .write = true), ENTRY("on", "3311/0/5850", .write = true),
	ENTRY("reset", "3/0/5", .execute = true) };
static struct map_conf standard = { .name = (char *)"standard",
	.entries = { entries, ARRAY_SIZE(entries) } };

static bool knows(void *ud, const char *device, const char *group)
{
	const struct house *h = ud;

	assert_true(*device);
	return !h->unknown || strcmp(h->unknown, group) != 0;
}

static const struct source_ops source_ops = { .command = on_command, .knows = knows };

static void open_house(struct house *h)
{
	struct store_params p = store_params_default;
	char text[256];

	p.file = h->file;
	assert_int_equal(store_new(&p, h->loop, h->b.sc.timers, NULL, NULL, &h->b.env.store, text,
				 sizeof(text)),
		LGW_OK);
	base_open(&h->b, &source_ops, h);
	if (h->begun)
		gateway_source_ready(h->b.source);
}

static void close_house(struct house *h)
{
	gateway_free(h->b.gateway);
	h->b.gateway = NULL;
	store_free(h->b.env.store);
}

void house_restart(struct house *h, int64_t ms)
{
	close_house(h);
	script_advance(&h->b.sc, ms);
	open_house(h);
}

static void stopped(void *ud)
{
	*(bool *)ud = true;
}

void house_stop(struct house *h, int64_t ms)
{
	bool done = false;

	gateway_stop(h->b.gateway, stopped, &done);
	script_advance(&h->b.sc, 20000);
	assert_true(done);
	house_restart(h, ms);
}

int house_set_up(void **state)
{
	struct house *h = xcalloc(1, sizeof(*h));

	snprintf(h->dir, sizeof(h->dir), "/tmp/lgw-house-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	snprintf(h->file, sizeof(h->file), "%s/store.db", h->dir);
	base_init(&h->b, &standard);
	h->loop = loop_new();
	for (int k = 0; k < 2; k++) {
		h->servers[k] = base_server(k ? "coap://two" : "coap://one", (uint16_t)(k + 1));
		h->servers[k].account.storing = true;
		h->servers[k].deregister_on_stop = true;
	}
	h->b.params.servers = h->servers;
	h->b.params.nservers = 2;
	h->b.params.stop_timeout_ms = 10000;
	h->b.params.remember_ms = 86400000;
	h->b.env.orphan_ttl_ms = 7 * 86400000ll;
	h->ops = &source_ops;
	open_house(h);
	*state = h;
	return 0;
}

int house_tear_down(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
	struct house *h = *state;
	char name[80];

	close_house(h);
	base_fini(&h->b);
	loop_free(h->loop);
	for (size_t k = 0; k < ARRAY_SIZE(ends); k++) {
		snprintf(name, sizeof(name), "%s%s", h->file, ends[k]);
		unlink(name);
	}
	assert_int_equal(rmdir(h->dir), 0);
	free(h);
	return 0;
}

void house_report_at(
	struct house *h, const char *device, const char *key, double v, int64_t at, unsigned flags)
{
	struct lgw_reading r = { .device = device, .key = key, .time_ms = at, .flags = flags };

	r.value.type = LGW_REAL;
	r.value.u.r = v;
	gateway_submit(h->b.source, &r, 1, NULL, NULL);
}

void house_report(struct house *h, const char *device, const char *key, double v)
{
	house_report_at(h, device, key, v, 0, 0);
}

struct dm *house_dm(struct house *h, const char *endpoint)
{
	struct device *d = gateway_find(h->b.gateway, endpoint);

	return d ? client_dm(device_client(d)) : NULL;
}

/* The server's next answer to us, or the device's to the server; its code. */
uint8_t house_take(struct house *h, struct coap_msg *m)
{
	struct scripted_link *l = script_link(&h->b.sc, "one");

	script_settle(&h->b.sc); /* comes first, however soon it is written */
	UNTIL(h->loop, (script_settle(&h->b.sc), script_sent(l)));
	assert_true(script_take(l, m));
	return m->code;
}

void house_answer(struct house *h, const struct coap_msg *to, uint8_t code)
{
	struct coap_msg m;

	script_answer_init(&m, to, code);
	if (code == COAP_201)
		coap_add_str(&m, COAP_OPT_LOCATION_PATH, "rd");
	script_recv_msg(script_link(&h->b.sc, "one"), &m);
	script_settle(&h->b.sc);
}

void house_ask(struct house *h, uint8_t code, const char *a, const char *b, const char *c,
	const char *query)
{
	static uint16_t mid;
	const char *const path[] = { a, b, c };
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, code);
	m.mid = ++mid;
	for (size_t k = 0; k < ARRAY_SIZE(path) && path[k]; k++)
		coap_add_str(&m, COAP_OPT_URI_PATH, path[k]);
	if (query)
		coap_add_str(&m, COAP_OPT_URI_QUERY, query);
	script_recv_msg(script_link(&h->b.sc, "one"), &m);
}
