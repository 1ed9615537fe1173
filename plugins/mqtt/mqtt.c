/* SPDX-License-Identifier: BSD-3-Clause */
/* The plugin: brokers come and go with the configuration, commands find their broker. */
#include <lgw/plugin.h>

#include <mosquitto.h>
#include <stdlib.h>
#include <string.h>
#include "broker.h"
#include "conf.h"
#include "mem.h"
#include "table.h"

struct mqtt {
	const struct lgw_host *host;
	struct broker *brokers[BROKERS_MAX];
	struct ruleset *rules[BROKERS_MAX]; /* of each, as it was told last */
	struct table devices;               /* id -> struct broker * that heard of it first */
	unsigned running;                   /* threads, those that are being stopped included */
	lgw_stop_fn done;                   /* being stopped */
	void *done_ud;
};

static void finish(struct mqtt *q)
{
	lgw_stop_fn done = q->done;
	void *ud = q->done_ud;

	if (!done || q->running)
		return;
	table_free(&q->devices, NULL);
	for (size_t k = 0; k < BROKERS_MAX; k++)
		ruleset_unref(q->rules[k]);
	free(q);
	mosquitto_lib_cleanup();
	done(ud);
}

static void on_device(void *ud, struct broker *b, const char *device)
{
	struct mqtt *q = ud;

	*table_at(&q->devices, device) = b;
}

static bool is_other(void *ud, void *value)
{
	return ud != value;
}

static struct broker **place(struct mqtt *q, const char *name)
{
	for (size_t k = 0; k < BROKERS_MAX; k++)
		if (name ? q->brokers[k] && !strcmp(broker_called(q->brokers[k]), name)
			 : !q->brokers[k])
			return &q->brokers[k];
	return NULL;
}

static void on_stopped(void *ud, struct broker *b)
{
	struct mqtt *q = ud;

	if (!place(q, broker_called(b))) /* and none took its place */
		q->host->state(q->host, broker_called(b), false, NULL);
	table_filter(&q->devices, is_other, b);
	broker_free(b);
	q->running--;
	finish(q);
}

static const struct broker_owner owner = { on_device, on_stopped };

/* A broker that cannot begin does not keep the others from it. */
static void begin(struct mqtt *q, const struct broker_conf *c)
{
	char why[400];
	struct ruleset *rules = ruleset_new(c, why, sizeof(why));
	struct broker **at = place(q, broker_name(c));

	if (!rules) {
		q->host->log(q->host, LGW_LOG_ERR, NULL, "%s", why);
		return;
	}
	if (!at)
		at = place(q, NULL);
	ruleset_unref(q->rules[at - q->brokers]);
	q->rules[at - q->brokers] = ruleset_ref(rules);
	if (*at && broker_same(*at, c)) {
		broker_rules(*at, rules);
		return;
	}
	if (*at)
		broker_stop(*at);
	*at = broker_new(q->host, c, rules, &owner, q);
	q->running += *at != NULL;
}

static bool is_named(const struct mqtt_conf *c, const char *name)
{
	const struct broker_conf *b = c->brokers.items;

	for (size_t k = 0; k < c->brokers.n; k++)
		if (!strcmp(broker_name(&b[k]), name))
			return true;
	return false;
}

static int reload(void *state, const void *conf)
{
	struct mqtt *q = state;
	const struct mqtt_conf *c = conf;
	const struct broker_conf *b = c->brokers.items;

	for (size_t k = 0; k < BROKERS_MAX; k++)
		if (q->brokers[k] && !is_named(c, broker_called(q->brokers[k]))) {
			broker_stop(q->brokers[k]);
			q->brokers[k] = NULL;
		}
	for (size_t k = 0; k < c->brokers.n; k++)
		begin(q, &b[k]);
	return LGW_OK;
}

static int start(const struct lgw_host *h, const void *conf, void **state)
{
	struct mqtt *q = mem_zero(1, sizeof(*q));

	q->host = h;
	*state = q;
	mosquitto_lib_init();
	return reload(q, conf);
}

static void stop(void *state, lgw_stop_fn done, void *ud)
{
	struct mqtt *q = state;

	q->done = done;
	q->done_ud = ud;
	for (size_t k = 0; k < BROKERS_MAX; k++)
		if (q->brokers[k])
			broker_stop(q->brokers[k]);
	finish(q);
}

static int command(void *state, const struct lgw_command *cmd)
{
	struct mqtt *q = state;
	struct broker *b = table_get(&q->devices, cmd->device);

	return b ? broker_command(b, cmd) : LGW_EUNAVAIL;
}

/* One that a rule heard, which is there still. */
static bool device_known(void *state, const char *device, const char *group)
{
	struct mqtt *q = state;

	for (size_t b = 0; b < BROKERS_MAX; b++)
		for (size_t k = 0; q->brokers[b] && k < q->rules[b]->n; k++) {
			const struct rule *r = &q->rules[b]->rules[k];

			if (strcmp(r->name, group) != 0 || rule_excludes(r, device))
				continue;
			broker_device(q->brokers[b], device, group);
			return true;
		}
	return false;
}

LGW_PLUGIN const struct lgw_plugin lgw_plugin = {
	.abi = LGW_PLUGIN_ABI,
	.name = "mqtt",
	.description = "devices that speak MQTT",
	.options = mqtt_options,
	.conf_size = sizeof(struct mqtt_conf),
	.check = mqtt_check,
	.start = start,
	.reload = reload,
	.stop = stop,
	.command = command,
	.device_known = device_known,
};
