/* SPDX-License-Identifier: BSD-3-Clause */
/* From the configuration to rules that can be used without further checks. */
#include "rule.h"

#include <fnmatch.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "mem.h"
#include "text.h"

#define FILTER_BYTES 1024

bool topic_matches(const char *filter, const char *topic)
{
	bool is = false;

	return !mosquitto_topic_matches_sub(filter, topic, &is) && is;
}

const char *filter_fault(const char *filter)
{
	if (!*filter || strlen(filter) > FILTER_BYTES || !text_utf8(filter, strlen(filter)))
		return "not a filter of topics";
	if (mosquitto_sub_topic_check(filter))
		return "not a filter: + and # stand for whole levels, # for the last ones";
	if (!strncmp(filter, "$share/", 7))
		return "shared subscriptions would give this gateway only a part";
	return NULL;
}

bool strings_glob(const struct strings *s, const char *text)
{
	for (size_t k = 0; k < s->n; k++)
		if (!fnmatch(s->at[k], text, 0))
			return true;
	return false;
}

bool rule_excludes(const struct rule *r, const char *device)
{
	return strings_glob(&r->exclude_devices, device);
}

static void strings_add(struct strings *s, const char *text)
{
	s->at = mem_grow(s->at, s->n + 1, sizeof(*s->at));
	s->at[s->n++] = mem_dup(text);
}

static void strings_fini(struct strings *s)
{
	for (size_t k = 0; k < s->n; k++)
		free(s->at[k]);
	free(s->at);
	*s = (struct strings){ 0 };
}

/* --- parts --------------------------------------------------------------------------------- */

/* The compiler of one rule: option says in errors what is being looked at. */
struct maker {
	const struct rule_conf *c;
	struct rule *r;
	const char *option;
	size_t levels;
	bool more; /* the filter ends in '#' */
	char *why;
	size_t size;
};

static int fault(const struct maker *m, const char *what)
{
	snprintf(m->why, m->size, "%s: %s", m->option, what);
	return LGW_EINVAL;
}

static int filter_check(struct maker *m, const char *option, const char *filter)
{
	const char *what = filter_fault(filter);

	m->option = option;
	return what ? fault(m, what) : LGW_OK;
}

static int pointer_make(
	struct maker *m, const char *option, const char *s, struct pointer *p, bool *has)
{
	char what[128] = "";

	m->option = option;
	if (has)
		*has = s != NULL;
	if (!s)
		return LGW_OK;
	return pointer_parse(p, s, strlen(s), what, sizeof(what)) ? fault(m, what) : LGW_OK;
}

static int tmpl_make(
	struct maker *m, const char *option, const char *s, struct tmpl *t, unsigned allowed)
{
	char what[128] = "";

	m->option = option;
	if (!s)
		return LGW_OK;
	return tmpl_parse(t, s, allowed, m->levels, m->more, what, sizeof(what)) ? fault(m, what)
										 : LGW_OK;
}

/* A template of a topic as a filter: each level with a place in it becomes '+'. */
static int filter_of(struct maker *m, const char *option, const char *s, char **filter)
{
	struct text t = { 0 };

	for (const char *at = s;; at++) {
		size_t len = strcspn(at, "/");

		if (memchr(at, '{', len))
			text_adds(&t, "+");
		else
			text_add(&t, at, len);
		at += len;
		if (!*at)
			break;
		text_adds(&t, "/");
	}
	*filter = mem_dup(text_str(&t));
	text_free(&t);
	if (strstr(s, "-}"))
		return fault(m, "a place that stands for several levels cannot be subscribed to");
	return filter_check(m, option, *filter);
}

/* --- readings ------------------------------------------------------------------------------ */

static int make_topic(struct maker *m)
{
	int e = filter_check(m, "topic", m->c->topic);
	struct levels levels;

	if (e)
		return e;
	if (levels_split(&levels, m->c->topic))
		return fault(m, "too many levels");
	m->more = !strcmp(levels.at[levels.n - 1], "#");
	m->levels = levels.n - m->more;
	m->r->filter = mem_dup(m->c->topic);
	return LGW_OK;
}

/* Without a template the device is what the first wildcard stands for. */
static int make_device(struct maker *m)
{
	char first[32];
	struct levels levels;

	if (m->c->device)
		return tmpl_make(m, "device", m->c->device, &m->r->device,
			       TMPL_LEVELS | TMPL_POINTERS)
			       ?: !tmpl_is_set(&m->r->device) ? fault(m, "is empty")
			  : tmpl_has_brace(&m->r->device)     ? fault(m, "a '{' without a meaning")
							      : LGW_OK;
	levels_split(&levels, m->c->topic);
	for (size_t k = 0; k < levels.n; k++)
		if (levels.at[k][0] == '+' || levels.at[k][0] == '#') {
			snprintf(first, sizeof(first), "{%zu}", k + 1);
			return tmpl_make(m, "device", first, &m->r->device, TMPL_LEVELS);
		}
	m->option = "device";
	return fault(m, "is needed, since the topic has no wildcard");
}

/* The key of a value without one: its pointer with dots, so "/ENERGY/Power" is "ENERGY.Power". */
static int make_value_key(struct maker *m, const struct value_conf *c, struct extract *x)
{
	struct text dotted = { 0 };
	int e;

	if (c->key)
		return tmpl_make(m, "values: key", c->key, &x->key, TMPL_LEVELS | TMPL_POINTERS);
	for (size_t k = 0; k < x->pointer.n; k++) {
		text_adds(&dotted, k ? "." : "");
		text_adds(&dotted, x->pointer.token[k]);
	}
	e = tmpl_make(m, "values: pointer", text_str(&dotted), &x->key, 0);
	text_free(&dotted);
	return e;
}

static int make_values(struct maker *m)
{
	const struct value_conf *c = m->c->values.items;
	int e = LGW_OK;

	m->r->values = mem_zero(m->c->values.n, sizeof(*m->r->values));
	for (size_t k = 0; !e && k < m->c->values.n; k++) {
		struct extract *x = &m->r->values[m->r->nvalues++];

		e = pointer_make(m, "values: pointer", c[k].pointer, &x->pointer, NULL)
			    ?: make_value_key(m, &c[k], x);
	}
	return e;
}

static int make_excludes(struct maker *m)
{
	char **exclude = m->c->exclude.items;
	char **ignore = m->c->ignore.items;
	int e = LGW_OK;

	for (size_t k = 0; k < m->c->ignore.n; k++)
		strings_add(&m->r->ignore, ignore[k]);
	for (size_t k = 0; !e && k < m->c->exclude.n; k++) {
		if (strchr(exclude[k], '/'))
			e = filter_check(m, "exclude", exclude[k]);
		strings_add(
			strchr(exclude[k], '/') ? &m->r->exclude_topics : &m->r->exclude_devices,
			exclude[k]);
	}
	return e;
}

static int make_availability(struct maker *m)
{
	const struct availability_conf *c = &m->c->availability;
	struct availability *a = &m->r->availability;
	static const char option[] = "availability.topic";
	struct levels levels;
	int e;

	if (!c->topic)
		return LGW_OK;
	m->option = option;
	if (levels_split(&levels, c->topic))
		return fault(m, "too many levels");
	for (size_t k = 0; k < levels.n; k++)
		if (levels.len[k] == 8 && !memcmp(levels.at[k], "{device}", 8) && !a->level)
			a->level = k + 1;
		else if (memchr(levels.at[k], '{', levels.len[k]))
			return fault(m, "only {device} has a meaning, as a whole level, once");
	if (!a->level)
		return fault(m, "{device} must be one of its levels");
	e = filter_of(m, option, c->topic, &a->filter);
	a->online = mem_dup(c->online ? c->online : "online");
	a->offline = mem_dup(c->offline ? c->offline : "offline");
	return e
		       ?: pointer_make(m, "availability.pointer", c->pointer, &a->pointer,
				  &a->has_pointer);
}

/* --- commands ------------------------------------------------------------------------------ */

#define IN_TOPICS   (TMPL_LEVELS | TMPL_DEVICE | TMPL_KEY)
#define IN_COMMANDS (IN_TOPICS | TMPL_VALUE | TMPL_ID)

static int make_order(struct maker *m, const char *glob, const char *topic, const char *payload)
{
	struct order *o;
	int e;

	m->r->orders = mem_grow(m->r->orders, m->r->norders + 1, sizeof(*o));
	o = &m->r->orders[m->r->norders++];
	*o = (struct order){ .glob = mem_dup(glob) };
	m->option = "command.topic";
	if (!topic)
		return fault(m, "is needed, or a topic for each of the keys");
	if (!*topic || mosquitto_pub_topic_check(topic))
		return fault(m, "not a topic: it is empty or has + or #");
	payload = payload ? payload : "{text}";
	e = tmpl_make(m, "command.topic", topic, &o->topic, IN_COMMANDS)
		    ?: tmpl_make(m, "command.payload", payload, &o->payload, IN_COMMANDS);
	if ((o->topic.uses | o->payload.uses) & TMPL_LEVELS)
		m->r->by_key = true;
	return e;
}

static int make_response(struct maker *m)
{
	const struct response_conf *c = &m->c->command.response;
	struct response *s = &m->r->response;
	char **ok = c->ok.items;
	int e;

	if (!c->topic)
		return LGW_OK;
	s->timeout_ms = c->timeout_ms;
	for (size_t k = 0; k < c->ok.n; k++)
		strings_add(&s->ok, ok[k]);
	e = tmpl_make(m, "command.response.topic", c->topic, &s->topic, IN_TOPICS)
		    ?: filter_of(m, "command.response.topic", c->topic, &s->filter)
		    ?: pointer_make(m, "command.response.id", c->id, &s->id, &s->has_id)
		    ?: pointer_make(m, "command.response.pointer", c->pointer, &s->pointer,
			       &s->has_pointer)
		    ?: pointer_make(m, "command.response.error", c->error, &s->error,
			       &s->has_error);
	if (s->topic.uses & TMPL_LEVELS)
		m->r->by_key = true;
	m->option = "command.response.ok";
	if (!e && s->has_pointer != (s->ok.n > 0))
		return fault(m, "pointer and ok belong together");
	return e;
}

static int make_commands(struct maker *m)
{
	const struct command_conf *c = &m->c->command;
	const struct key_conf *k = c->keys.items;
	int e = LGW_OK;

	for (size_t i = 0; !e && i < c->keys.n; i++)
		e = make_order(m, k[i].key, k[i].topic ? k[i].topic : c->topic,
			k[i].payload ? k[i].payload : c->payload);
	if (!e && (c->topic || (c->payload && strcmp(c->payload, "{text}") && !c->keys.n)))
		e = make_order(m, NULL, c->topic, c->payload);
	m->r->command_qos = (int)c->qos;
	m->r->retain = c->retain;
	return e ?: make_response(m);
}

/* --- all of it ------------------------------------------------------------------------------ */

static void make_plain(struct maker *m, const char *broker)
{
	struct text name = { 0 };

	if (m->c->name) {
		text_adds(&name, m->c->name);
	} else {
		text_adds(&name, broker);
		text_adds(&name, ":");
		text_adds(&name, m->c->topic);
	}
	m->r->name = mem_dup(text_str(&name));
	text_free(&name);
	m->r->map = mem_dup(m->c->map);
	m->r->qos = (int)m->c->qos;
	m->r->max_devices = (uint32_t)m->c->max_devices;
	m->r->payload_max = (size_t)m->c->payload_max;
	m->r->optimistic = m->c->optimistic;
}

int rule_init(struct rule *r, const struct rule_conf *c, const char *broker, char *why, size_t size)
{
	struct maker m = { .c = c, .r = r, .why = why, .size = size };
	int e;

	*r = (struct rule){ 0 };
	make_plain(&m, broker);
	e = make_topic(&m)	 ?: make_device(&m)
		  ?: tmpl_make(&m, "key", c->key, &r->key, TMPL_LEVELS | TMPL_POINTERS)
		  ?: make_values(&m)
		  ?: pointer_make(&m, "time", c->time, &r->time, &r->has_time)
		  ?: make_excludes(&m)
		  ?: make_availability(&m)
		  ?: make_commands(&m);
	if (e)
		rule_fini(r);
	return e;
}

static void response_fini(struct response *s)
{
	free(s->filter);
	tmpl_fini(&s->topic);
	pointer_fini(&s->id);
	pointer_fini(&s->pointer);
	pointer_fini(&s->error);
	strings_fini(&s->ok);
}

void rule_fini(struct rule *r)
{
	free(r->name);
	free(r->filter);
	free(r->map);
	tmpl_fini(&r->device);
	tmpl_fini(&r->key);
	for (size_t k = 0; k < r->nvalues; k++) {
		pointer_fini(&r->values[k].pointer);
		tmpl_fini(&r->values[k].key);
	}
	free(r->values);
	pointer_fini(&r->time);
	strings_fini(&r->ignore);
	strings_fini(&r->exclude_devices);
	strings_fini(&r->exclude_topics);
	free(r->availability.filter);
	free(r->availability.online);
	free(r->availability.offline);
	pointer_fini(&r->availability.pointer);
	for (size_t k = 0; k < r->norders; k++) {
		free(r->orders[k].glob);
		tmpl_fini(&r->orders[k].topic);
		tmpl_fini(&r->orders[k].payload);
	}
	free(r->orders);
	response_fini(&r->response);
	*r = (struct rule){ 0 };
}
