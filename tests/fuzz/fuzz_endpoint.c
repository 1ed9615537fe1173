/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client and two servers that play a random script against it in virtual time: datagrams, well
 * formed requests with blocks and observations, answers of every kind, resets, pauses, errors of
 * the network, changes of values. Each step is a byte of what, a byte of to whom, and its data. All
 * the client sends must be well-formed, and nothing may be left behind. Built a second time as
 * fuzz_stream, where the second server is at the end of a connection.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "coap/block.h"
#include "coap/wire_tcp.h"
#include "definitions.h"
#include "lwm2m/client.h"
#include "lwm2m/clients.h"
#include "scripted.h"
#include "util/mem.h"
#include "util/rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SERVERS 2
#ifndef SECOND
#define SECOND "coap://server2"
#endif

struct peer {
	struct scripted_link *link;
	struct coap_msg last; /* header of the client's last confirmable message */
	bool has_last;
};

struct endpoint {
	struct script sc;
	struct lwm2m_env env;
	struct client *client;
	struct peer peers[SERVERS];
	uint16_t mid;
};

static uint8_t large[4096];

/* Header only: the rest is a loan. */
static void remember(struct peer *p, const struct coap_msg *m)
{
	if (m->type != COAP_CON && !coap_is_request(m->code))
		return;
	p->last.type = m->type;
	p->last.code = m->code;
	p->last.mid = m->mid;
	p->last.tkl = m->tkl;
	memcpy(p->last.token, m->token, sizeof(m->token));
	p->has_last = true;
}

static void drain(struct endpoint *e)
{
	struct coap_msg m;

	script_settle(&e->sc);
	for (unsigned i = 0; i < SERVERS; i++)
		while (e->peers[i].link && script_take(e->peers[i].link, &m))
			remember(&e->peers[i], &m);
}

static struct server_params server_params(uint16_t ssid, const char *uri)
{
	struct server_params s = {
		.account = { .name = uri,
			.uri = uri,
			.security = SEC_NONE,
			.ssid = ssid,
			.lifetime = 300,
			.pmin = -1,
			.pmax = -1,
			.disable_timeout = 5,
			.storing = true,
			.binding = "U" },
		.version = ssid == 1 ? LWM2M_1_0 : LWM2M_1_1,
		.session = session_params_default,
		.deregister_on_stop = true,
		.retry_min_s = 1,
		.retry_max_s = 300,
	};

	s.session.block_size = ssid == 1 ? 64 : 1024;
	s.session.body_max = 8192;
	s.session.transfers_max = 3;
	s.session.observers_max = 8;
	s.session.nstart = ssid;
	return s;
}

static void begin(struct endpoint *e)
{
	struct server_params servers[SERVERS] = { server_params(1, "coap://server"),
		server_params(2, SECOND) };
	struct client_params p = { .endpoint = "fuzz",
		.servers = servers,
		.nservers = SERVERS,
		.facts = { .manufacturer = "fuzz", .binding = "U" } };
	struct dm *dm;
	int err;

	memset(e, 0, sizeof(*e));
	memset(large, 'x', sizeof(large));
	script_init(&e->sc);
	e->env = (struct lwm2m_env){ .timers = e->sc.timers,
		.links = &e->sc.links,
		.sessions = &e->sc.sessions,
		.defs = definitions(),
		.clients = clients_new() };
	e->client = client_new(&e->env, &p, NULL, NULL, &err);
	assert(e->client);
	dm = client_dm(e->client);
	dm_object_add(dm, objdefs_find(definitions(), 3303), NULL, NULL);
	dm_instance_add(dm, 3303, 0);
	assert(!client_start(e->client));
	e->peers[0].link = script_link(&e->sc, "server");
	e->peers[1].link = script_link(&e->sc, "server2");
	drain(e);
}

static void end(struct endpoint *e)
{
	client_free(e->client);
	clients_free(e->env.clients);
	script_fini(&e->sc);
}

/* --- steps ---------------------------------------------------------------------------------- */

static void raw(struct peer *p, struct rd *r)
{
	size_t len = rd_u8(r);

	if (len > rd_left(r))
		len = rd_left(r);
	if (len)
		script_recv(p->link, rd_bytes(r, len), len);
}

static void add_block(struct coap_msg *m, uint16_t num, struct rd *r)
{
	unsigned v = rd_u8(r);
	struct coap_block b = { v >> 4, v & 7, v & 8 };

	coap_block_add(m, num, &b);
}

static void decorate(struct coap_msg *m, struct rd *r)
{
	unsigned flags = rd_u8(r);

	if (flags & 1)
		add_block(m, COAP_OPT_BLOCK1, r);
	if (flags & 2)
		add_block(m, COAP_OPT_BLOCK2, r);
	if (flags & 4)
		coap_add_uint(m, COAP_OPT_OBSERVE, rd_u8(r));
	if (flags & 8)
		coap_add_uint(m, COAP_OPT_CONTENT_FORMAT, rd_u16(r));
	if (flags & 16)
		coap_add(m, COAP_OPT_ECHO, large, 1 + rd_u8(r) % 40);
	if (flags & 32)
		coap_add(m, COAP_OPT_ETAG, large, 1 + rd_u8(r) % 8);
	if (flags & 64)
		coap_add_uint(m, COAP_OPT_SIZE1, rd_u16(r));
	m->payload = large;
	m->payload_len = flags & 128 ? rd_u8(r) * 4u : 0;
}

static void ask(struct endpoint *e, struct peer *p, struct rd *r)
{
	static const char *const paths[][3] = { { "3303", "0", "5701" }, { "3303", "0" },
		{ "3", "0" }, { "1", "0", "1" }, { "3303" }, { "3", "0", "15" }, { "rd" },
		{ NULL } };
	const unsigned how = rd_u8(r);
	struct coap_msg m;

	coap_msg_init(&m, how & 1 ? COAP_NON : COAP_CON, (uint8_t)(1 + (how >> 1) % 7));
	m.mid = how & 128 ? e->mid : ++e->mid;
	m.tkl = 1;
	m.token[0] = rd_u8(r) & 15;
	for (unsigned k = 0, at = rd_u8(r) % ARRAY_SIZE(paths); k < 3 && paths[at][k]; k++)
		coap_add_str(&m, COAP_OPT_URI_PATH, paths[at][k]);
	decorate(&m, r);
	script_recv_msg(p->link, &m);
}

static void answer(struct peer *p, struct rd *r)
{
	static const uint8_t codes[] = { COAP_201, COAP_204, COAP_205, COAP_231, COAP_400, COAP_401,
		COAP_404, COAP_408, COAP_413, COAP_503 };
	const unsigned how = rd_u8(r);
	struct coap_msg m;

	if (!p->has_last)
		return;
	if (!coap_is_request(p->last.code)) { /* a notification, a late answer */
		coap_msg_init(&m, how & 1 ? COAP_RST : COAP_ACK, COAP_EMPTY);
		m.mid = p->last.mid;
	} else {
		script_answer_init(&m, &p->last, codes[(how >> 2) % ARRAY_SIZE(codes)]);
		if (m.code == COAP_201)
			coap_add_str(&m, COAP_OPT_LOCATION_PATH, "rd");
		if (how & 2)
			m.type = COAP_CON; /* without the acknowledgement before it */
		decorate(&m, r);
	}
	p->has_last = how & 128;
	script_recv_msg(p->link, &m);
}

static void change(struct endpoint *e, struct rd *r)
{
	struct value v = { VT_STRING, { .s = { large, rd_u8(r) * 16u } } };
	struct value f = VALUE_FLOAT(rd_u8(r));
	struct dm *dm = client_dm(e->client);

	dm_set(dm, &PATH_RES(3303, 0, 5701), &v, 0);
	dm_set(dm, &PATH_RES(3303, 0, 5700), &f, 0);
}

/* Of a connection; datagrams with such a code are malformed. */
static void say(struct peer *p, struct rd *r)
{
	const unsigned how = rd_u8(r);
	struct coap_msg m;

	coap_msg_init(&m, COAP_NON, (uint8_t)COAP_CODE(7, 1 + how % 5));
	if (how & 64)
		coap_add_uint(&m, COAP_CSM_MAX_MESSAGE_SIZE, rd_u16(r));
	if (how & 128)
		coap_add(&m, COAP_CSM_BLOCK_WISE, NULL, 0);
	script_recv_msg(p->link, &m);
}

static void network(struct endpoint *e, struct peer *p, struct rd *r)
{
	const unsigned how = rd_u8(r);

	e->sc.refuse_open = how & 4;
	if (!script_is_open(p->link))
		return;
	script_event(p->link, how & 1 ? LINK_ERROR : LINK_DOWN, how & 2 ? -11 : -14);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	struct endpoint e;

	begin(&e);
	while (rd_left(&r)) {
		const unsigned what = rd_u8(&r);
		struct peer *p = &e.peers[what >> 7];

		switch (what & 7) {
		case 0:
			raw(p, &r);
			break;
		case 1:
		case 2:
			ask(&e, p, &r);
			break;
		case 3:
		case 4:
			answer(p, &r);
			break;
		case 5:
			if (what & 8)
				say(p, &r);
			else
				change(&e, &r);
			break;
		case 6:
			script_advance(&e.sc, (int64_t)rd_u8(&r) * rd_u8(&r) * 10);
			break;
		default:
			network(&e, p, &r);
		}
		drain(&e);
	}
	end(&e);
	return 0;
}
