/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device that speaks after a restart, with anything in the store that an earlier life kept of it:
 * the input is facts, each as kind, length and bytes of its key, length (two bytes) and bytes of
 * its value; of kind 2: a reading that waits for a server, as path and value.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include "definitions.h"
#include "gateway/gateway.h"
#include "lwm2m/clients.h"
#include "scripted.h"
#include "store/item.h"
#include "store/store.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENTRY(key_, path_)                                              \
	{                                                               \
		.key = (char *)key_, .path = (char *)path_, .scale = 1, \
	}
static struct map_entry entries[] = { ENTRY("t", "3303/0/5700"), ENTRY("p*", "3305/0/5800"),
	ENTRY("s", "3341/0/5527"), ENTRY("b", "3/0/9") };
static struct map_conf standard = { .name = (char *)"standard",
	.entries = { entries, ARRAY_SIZE(entries) } };
static const struct source_ops no_ops;

static void fill(struct store *s, const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	struct record rec;

	while (rd_left(&r) && !rd_err(&r)) {
		size_t kind = rd_u8(&r) % 3, key_len = rd_u8(&r);
		const uint8_t *key = rd_bytes(&r, key_len);
		size_t len = rd_u16(&r);
		const uint8_t *value = rd_bytes(&r, len);

		if (rd_err(&r))
			return;
		if (kind < 2)
			store_put(s, kind ? STORE_VALUE : STORE_ORIGIN, "fuzz", key, key_len, value,
				len);
		else if (!item_decode(value, len, &rec))
			line_append(line_get(s, "fuzz", 1, &rec.path), &rec);
	}
}

static void speak(struct gateway *g, struct source *s)
{
	struct lgw_reading r = { .device = "fuzz", .key = "t", .value = { .type = LGW_REAL } };
	struct device *d;
	struct value v;

	r.value.u.r = 20.5;
	gateway_submit(s, &r, 1, NULL, NULL);
	d = gateway_find(g, "fuzz");
	assert(d);
	assert(!dm_get(client_dm(device_client(d)), &PATH_RES(3303, 0, 5700), &v, NULL));
	assert(v.type == VT_FLOAT && v.u.f == 20.5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gateway_params params = { .endpoint = (char *)"{device}",
		.maps = { &standard, 1 },
		.max_devices = 10,
		.remember_ms = 86400000 };
	struct lwm2m_env env;
	struct script sc;
	struct gateway *g;
	char text[256];
	int err;

	script_init(&sc);
	env = (struct lwm2m_env){ .timers = sc.timers,
		.links = &sc.links,
		.sessions = &sc.sessions,
		.defs = definitions(),
		.orphan_ttl_ms = 3600000,
		.clients = clients_new() };
	if (store_new(&store_params_default, NULL, sc.timers, NULL, NULL, &env.store, text,
		    sizeof(text)))
		abort();
	fill(env.store, data, size);
	g = gateway_new(
		&env, &params, "0123456789abcdef0123456789abcdef", &err, text, sizeof(text));
	assert(g && !gateway_start(g));
	speak(g, gateway_source_add(g, "fuzz", &no_ops, NULL));
	script_advance(&sc, 1000);
	gateway_free(g);
	store_free(env.store);
	clients_free(env.clients);
	script_fini(&sc);
	return 0;
}
