/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A registered client and a server that sends anything: the input is datagrams, each after a byte
 * of its length; a length of 0 lets a second pass. All that the client sends must be well-formed.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "definitions.h"
#include "lwm2m/client.h"
#include "lwm2m/clients.h"
#include "scripted.h"
#include "util/rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	struct script sc;
	struct lwm2m_env env;
	struct client *client;
	struct scripted_link *link;
};

/* Registrations and Updates are accepted, the rest is only looked at. */
static void drain(struct fuzz *f)
{
	struct coap_msg m, a;

	script_settle(&f->sc);
	while (f->link && script_take(f->link, &m)) {
		if (m.code != COAP_POST || m.type != COAP_CON)
			continue;
		script_answer_init(
			&a, &m, coap_opt_find(&m, COAP_OPT_CONTENT_FORMAT) ? COAP_201 : COAP_204);
		coap_add_str(&a, COAP_OPT_LOCATION_PATH, "rd");
		script_recv_msg(f->link, &a);
		script_settle(&f->sc);
	}
}

static void add_thermometer(struct dm *dm)
{
	struct value v = VALUE_FLOAT(20.5);

	dm_object_add(dm, objdefs_find(definitions(), 3303), NULL, NULL);
	dm_instance_add(dm, 3303, 0);
	dm_set(dm, &PATH_RES(3303, 0, 5700), &v, 0);
}

static void begin(struct fuzz *f)
{
	struct server_params server = {
		.account = { .name = "fuzz",
			.uri = "coap://server",
			.security = SEC_NONE,
			.ssid = 1,
			.lifetime = 300,
			.pmin = -1,
			.pmax = -1,
			.disable_timeout = 5,
			.storing = true,
			.binding = "U" },
		.session = session_params_default,
		.deregister_on_stop = true,
		.retry_min_s = 1,
		.retry_max_s = 300,
	};
	struct client_params p = { .endpoint = "fuzz",
		.servers = &server,
		.nservers = 1,
		.facts = { .manufacturer = "fuzz", .binding = "U" } };
	int err;

	memset(f, 0, sizeof(*f));
	script_init(&f->sc);
	f->env = (struct lwm2m_env){ .timers = f->sc.timers,
		.links = &f->sc.links,
		.sessions = &f->sc.sessions,
		.defs = definitions(),
		.clients = clients_new() };
	f->client = client_new(&f->env, &p, NULL, NULL, &err);
	assert(f->client);
	add_thermometer(client_dm(f->client));
	assert(!client_start(f->client));
	f->link = script_link(&f->sc, "server");
	drain(f);
	assert(clients_registered(f->env.clients) == 1);
}

static void end(struct fuzz *f)
{
	client_free(f->client);
	clients_free(f->env.clients);
	script_fini(&f->sc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	double value = 0;
	struct fuzz f;

	begin(&f);
	while (rd_left(&r)) {
		size_t len = rd_u8(&r);
		struct value v = VALUE_FLOAT(value++);

		if (len > rd_left(&r))
			len = rd_left(&r);
		if (len)
			script_recv(f.link, rd_bytes(&r, len), len);
		else
			script_advance(&f.sc, 1000);
		dm_set(client_dm(f.client), &PATH_RES(3303, 0, 5700), &v, 0);
		drain(&f);
	}
	end(&f);
	return 0;
}
