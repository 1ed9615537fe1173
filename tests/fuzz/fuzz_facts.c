/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A store with anything in it: the input is facts, each as kind, length and bytes of its key,
 * length (two bytes) and bytes of its value. A client is started on it, lives for a while, and once
 * more on what it has made of that.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "definitions.h"
#include "lwm2m/client.h"
#include "lwm2m/clients.h"
#include "lwm2m/tickets.h"
#include "objects/standard.h"
#include "scripted.h"
#include "store/store.h"
#include "util/rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	struct script sc;
	struct lwm2m_env env;
};

static const struct {
	enum store_fact kind;
	const char *owner;
} facts[] = { { STORE_REGISTRATION, "1@fuzz" }, { STORE_OBSERVATION, "1@fuzz" },
	{ STORE_PAUSE, "1@fuzz" }, { STORE_PAUSE, "2@fuzz" }, { STORE_STATE, "fuzz" },
	{ STORE_ATTRS, "fuzz" }, { STORE_TICKET, "tickets" } };
#define FACTS (sizeof(facts) / sizeof(facts[0]))

static void fill(struct store *s, const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);

	while (rd_left(&r) && !rd_err(&r)) {
		size_t kind = rd_u8(&r) % FACTS, key_len = rd_u8(&r);
		const uint8_t *key = rd_bytes(&r, key_len);
		size_t len = rd_u16(&r);
		const uint8_t *value = rd_bytes(&r, len);

		if (!rd_err(&r))
			store_put(s, facts[kind].kind, facts[kind].owner, key, key_len, value, len);
	}
}

static struct client *make(struct fuzz *f)
{
	struct server_params servers[2];
	struct client_params p = { .endpoint = "fuzz",
		.servers = servers,
		.nservers = 2,
		.facts = { .manufacturer = "fuzz", .binding = "U" } };
	struct client *c;
	int err;

	for (int k = 0; k < 2; k++)
		servers[k] = (struct server_params){
			.account = { .name = "fuzz",
				.uri = k ? "coap://two" : "coap://server",
				.security = SEC_NONE,
				.ssid = (uint16_t)(k + 1),
				.lifetime = 300,
				.pmin = -1,
				.pmax = -1,
				.disable_timeout = 5,
				.storing = true,
				.binding = "U" },
			.session = session_params_default,
			.retry_min_s = 1,
			.retry_max_s = 300,
		};
	c = client_new(&f->env, &p, NULL, NULL, &err);
	assert(c);
	return c;
}

/* What it says is of no interest here. */
static void pass(struct fuzz *f, int64_t ms)
{
	static const char *const hosts[] = { "server", "two" };

	script_advance(&f->sc, ms);
	for (int k = 0; k < 2; k++)
		if (script_link(&f->sc, hosts[k]))
			script_drop_sent(script_link(&f->sc, hosts[k]));
}

static void live(struct fuzz *f)
{
	struct tickets *t = tickets_new(f->env.store, f->sc.timers);
	struct client *c = make(f);
	struct dm *dm = client_dm(c);
	struct value v = VALUE_FLOAT(20.5);

	object_add(client_objects(c), 16);
	dm_object_add(dm, objdefs_find(definitions(), 3303), NULL, NULL);
	assert(!client_start(c));
	dm_instance_add(dm, 3303, 0);
	dm_set(dm, &PATH_RES(3303, 0, 5700), &v, 0);
	client_recall(c, &PATH_INST(3303, 0));
	pass(f, 1000);
	v.u.f = 30;
	dm_set(dm, &PATH_RES(3303, 0, 5700), &v, 0);
	pass(f, 700000);
	client_free(c);
	tickets_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f;
	char text[256];

	memset(&f, 0, sizeof(f));
	script_init(&f.sc);
	f.env = (struct lwm2m_env){ .timers = f.sc.timers,
		.links = &f.sc.links,
		.sessions = &f.sc.sessions,
		.defs = definitions(),
		.orphan_ttl_ms = 3600000,
		.clients = clients_new() };
	if (store_new(&store_params_default, NULL, f.sc.timers, NULL, NULL, &f.env.store, text,
		    sizeof(text)))
		abort();
	fill(f.env.store, data, size);
	live(&f);
	live(&f);
	store_free(f.env.store);
	clients_free(f.env.clients);
	script_fini(&f.sc);
	return 0;
}
