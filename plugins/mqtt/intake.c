/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes from a broker: readings into the batch, devices that come and go, answers. */
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "mem.h"
#include "state.h"

#define TOLD_MAX    1000
#define TOLD_FOR_MS 3600000 /* then the same complaint is made again */

/* One line per topic and hour; all are counted. */
static void complain(struct broker *b, const char *topic, const char *why)
{
	const struct lgw_host *h = b->host;
	int64_t now = h->now_mono(h);
	uint64_t mark = mark_of(0, topic);
	char name[128];

	h->count(h, "messages_bad", 1);
	if (now - b->told_ms > TOLD_FOR_MS) {
		marks_free(&b->told);
		b->told_ms = now;
	}
	if (marks_has(&b->told, mark) || b->told.n >= TOLD_MAX)
		return;
	marks_add(&b->told, mark);
	text_printable(name, sizeof(name), topic, strlen(topic));
	h->log(h, LGW_LOG_WARNING, NULL, "broker %s, topic %s: %s", b->name, name, why);
}

/* --- routes -------------------------------------------------------------------------------- */

static void route_free(void *p)
{
	struct route *r = p;

	table_free(&r->keys, free);
	free(r->any);
	free(r);
}

struct news {
	struct broker *broker;
	char device[];
};

static void tell_device(void *ud)
{
	struct news *n = ud;

	n->broker->owner->device(n->broker->ud, n->broker, n->device);
	free(n);
}

static struct route *route_of(struct broker *b, const char *device)
{
	void **at = table_at(&b->routes, device);
	size_t len = strlen(device) + 1;
	struct news *n;

	if (*at)
		return *at;
	*at = mem_zero(1, sizeof(struct route));
	n = mem_zero(1, sizeof(*n) + len);
	n->broker = b;
	memcpy(n->device, device, len);
	if (b->host->post(b->host, tell_device, n))
		free(n);
	return *at;
}

static void keep(char **at, const char *s)
{
	if (*at && !strcmp(*at, s))
		return;
	free(*at);
	*at = mem_dup(s);
}

/* All readings of a message are of one device. */
static void learn(
	struct broker *b, size_t rule, const char *topic, const struct lgw_reading *r, size_t n)
{
	struct route *route = route_of(b, r->device);
	const struct rule *rules = b->rules->rules;

	/* Several rules may hear a device; commands go by one that has some. */
	if (rules[rule].norders || !rules[route->rule].norders)
		route->rule = rule;
	if (!rules[rule].by_key)
		return;
	keep(&route->any, topic);
	for (size_t k = 0; k < n; k++)
		keep((char **)table_at(&route->keys, r[k].key), topic);
}

void intake_device(struct broker *b, const char *device, const char *rule)
{
	const struct ruleset *rules = b->rules;

	for (size_t k = 0; k < rules->n; k++)
		if (!strcmp(rules->rules[k].name, rule) && !table_get(&b->routes, device))
			route_of(b, device)->rule = k;
}

/* --- messages ------------------------------------------------------------------------------- */

static void availability(struct broker *b, const struct rule *r, const struct message *m)
{
	char why[WHY_BYTES] = "";
	bool online = false;
	int e = availability_apply(r, m, &b->scratch, &online, why);

	if (!e)
		b->host->device_online(b->host, text_str(&b->scratch), online);
	else if (e == LGW_EINVAL)
		complain(b, m->topic, why);
}

/* Was it for anybody? */
static bool apply(struct broker *b, const struct message *m)
{
	char why[WHY_BYTES];
	bool wanted = false;

	for (size_t k = 0; k < b->rules->n; k++) {
		const struct rule *r = &b->rules->rules[k];
		size_t before = b->batch.n, n;

		if (r->availability.filter && topic_matches(r->availability.filter, m->topic)) {
			availability(b, r, m);
			wanted = true;
		}
		wanted |= r->response.filter && topic_matches(r->response.filter, m->topic);
		if (!rule_wants(r, m->topic)) {
			wanted |= topic_matches(r->filter, m->topic);
			continue;
		}
		wanted = true;
		n = rule_apply(r, m, &b->batch, why);
		if (n)
			learn(b, k, m->topic, &b->batch.r[before], n);
		if (*why)
			complain(b, m->topic, why);
	}
	return wanted;
}

static size_t payload_max(const struct broker *b, const char *topic)
{
	size_t max = 0;

	for (size_t k = 0; k < b->rules->n; k++) {
		const struct rule *r = &b->rules->rules[k];

		if (r->payload_max > max &&
			(rule_wants(r, topic) || r->response.filter || r->availability.filter))
			max = r->payload_max;
	}
	return max ? max : SIZE_MAX;
}

uint8_t intake_from(const struct broker *b)
{
	return (uint8_t)mark_of(0, b->name);
}

/* The broker repeats what it does not know to have arrived, with the id it had. */
static void mark(struct broker *b, const struct mosquitto_message *msg, size_t before)
{
	uint64_t m = mark_of(mark_of((uint64_t)msg->mid, b->name), msg->topic);
	const unsigned char *p = msg->payload;

	for (int k = 0; k < msg->payloadlen; k++)
		m = (m ^ p[k]) * 0x100000001b3u;
	for (size_t k = before; k < b->batch.n; k++)
		b->batch.r[k].mark =
			(uint64_t)intake_from(b) << 56 | mark_of(m, b->batch.r[k].key) >> 8;
}

void intake_message(struct broker *b, const struct mosquitto_message *msg)
{
	struct message m = { .topic = msg->topic, .retained = msg->retain };
	char why[WHY_BYTES] = "";
	size_t before;
	bool wanted;

	b->host->count(b->host, "messages", 1);
	if (!text_plain(msg->topic, strlen(msg->topic)) || levels_split(&m.levels, msg->topic)) {
		complain(b, msg->topic, "unusable topic");
		return;
	}
	if ((size_t)msg->payloadlen > payload_max(b, msg->topic)) {
		complain(b, msg->topic, "longer than payload_max");
		return;
	}
	if (payload_parse(&m.payload, msg->payload, (size_t)msg->payloadlen, why, sizeof(why))) {
		complain(b, msg->topic, why);
		return;
	}
	orders_answer(b, &m);
	before = b->batch.n;
	wanted = apply(b, &m);
	if (msg->qos)
		mark(b, msg, before);
	if (!wanted)
		complain(b, msg->topic,
			"no rule is for it: a subscription that the broker kept from earlier");
	/* Texts of JSON are copied into the batch. */
	payload_fini(&m.payload);
}

/* --- rules ---------------------------------------------------------------------------------- */

struct renaming {
	const struct ruleset *from, *to;
};

static bool rename_route(void *ud, void *value)
{
	const struct renaming *n = ud;
	struct route *r = value;

	for (size_t k = 0; k < n->to->n; k++)
		if (!strcmp(n->to->rules[k].name, n->from->rules[r->rule].name)) {
			r->rule = k;
			return true;
		}
	route_free(r);
	return false;
}

void intake_rules(struct broker *b, struct ruleset *rules)
{
	struct renaming n = { b->rules, rules };

	orders_drop(b); /* they point into the old rules */
	if (b->rules)
		table_filter(&b->routes, rename_route, &n);
	ruleset_unref(b->rules);
	b->rules = rules;
	marks_free(&b->told);
}

void intake_free(struct broker *b)
{
	table_free(&b->routes, route_free);
	batch_free(&b->batch);
	marks_free(&b->told);
	text_free(&b->scratch);
	ruleset_unref(b->rules);
	b->rules = NULL;
}
