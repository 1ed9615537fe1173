/* SPDX-License-Identifier: BSD-3-Clause */
/* A gateway over scripted links and a virtual clock, with one source and one map. A test has it in
 * a struct of its own, and may change env and params before base_open. */
#ifndef TEST_GATEWAY_BASE_H
#define TEST_GATEWAY_BASE_H

#include "fixture.h"
#include "gateway/gateway.h"
#include "lwm2m/clients.h"
#include "scripted.h"
#include "util/err.h"
#include "util/mem.h"

struct base {
	struct script sc;
	struct lwm2m_env env;
	struct gateway_params params;
	struct gateway *gateway;
	struct source *source;
};

/* An entry of a map; more options may follow. */
#define ENTRY(key_, path_, ...)                                                     \
	{                                                                           \
		.key = (char *)key_, .path = (char *)path_, .scale = 1, __VA_ARGS__ \
	}

static inline void base_init(struct base *b, struct map_conf *map)
{
	script_init(&b->sc);
	b->env = (struct lwm2m_env){ .timers = b->sc.timers,
		.links = &b->sc.links,
		.sessions = &b->sc.sessions,
		.defs = fixture_defs(),
		.clients = clients_new() };
	b->params = (struct gateway_params){
		.endpoint = (char *)"{device}", .maps = { map, 1 }, .max_devices = 10
	};
}

/* The source is called "fake". Again after gateway_free: a restart. */
static inline void base_open(struct base *b, const struct source_ops *ops, void *ud)
{
	char text[256];
	int err;

	b->gateway = gateway_new(
		&b->env, &b->params, "0123456789abcdef0123456789abcdef", &err, text, sizeof(text));
	assert_non_null(b->gateway);
	assert_int_equal(gateway_start(b->gateway), 0);
	b->source = gateway_source_add(b->gateway, "fake", ops, ud);
}

static inline void base_fini(struct base *b)
{
	gateway_free(b->gateway);
	clients_free(b->env.clients);
	objdefs_unref(b->env.defs);
	script_fini(&b->sc);
}

static inline void base_report(
	struct base *b, const char *device, const char *key, double v, unsigned flags)
{
	struct lgw_reading r = { .device = device, .key = key, .flags = flags };

	r.value.type = LGW_REAL;
	r.value.u.r = v;
	gateway_submit(b->source, &r, 1, NULL, NULL);
}

/* A server without security, by UDP. */
static inline struct server_params base_server(const char *uri, uint16_t ssid)
{
	return (struct server_params){ .account = { .name = "test",
					       .uri = uri,
					       .security = SEC_NONE,
					       .ssid = ssid,
					       .lifetime = 300,
					       .pmin = -1,
					       .pmax = -1,
					       .disable_timeout = 60,
					       .binding = "U" },
		.session = session_params_default,
		.retry_min_s = 1,
		.retry_max_s = 300 };
}

#endif
