/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands to devices: published, and answered where the device answers. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "mem.h"
#include "state.h"

static void done(struct broker *b, uint64_t id, int status)
{
	b->host->count(b->host, status ? "commands_failed" : "commands", 1);
	b->host->command_done(b->host, id, status);
}

/* --- what was published --------------------------------------------------------------------- */

static void pending_end(struct broker *b, struct pending **at, int status)
{
	struct pending *p = *at;

	*at = p->next;
	b->npending--;
	done(b, p->id, status);
	free(p->answer);
	free(p);
}

void orders_published(struct broker *b, int mid)
{
	for (struct pending **at = &b->pending; *at; at = &(*at)->next)
		if ((*at)->mid == mid && !(*at)->published) {
			(*at)->published = true;
			if (!(*at)->answer)
				pending_end(b, at, LGW_OK);
			return;
		}
}

void orders_expire(struct broker *b)
{
	int64_t now = b->host->now_mono(b->host);

	for (struct pending **at = &b->pending; *at;)
		if ((*at)->due_ms <= now)
			pending_end(b, at, LGW_ETIMEDOUT);
		else
			at = &(*at)->next;
}

void orders_drop(struct broker *b)
{
	while (b->pending)
		pending_end(b, &b->pending, LGW_EUNAVAIL);
}

/* --- answers ---------------------------------------------------------------------------------- */

static bool answers(struct broker *b, const struct pending *p, const struct message *m)
{
	const struct response *r = &p->rule->response;
	char want[24];

	if (!p->answer || strcmp(p->answer, m->topic) != 0)
		return false;
	if (!r->has_id)
		return true;
	snprintf(want, sizeof(want), "%llu", (unsigned long long)p->id);
	return message_word(m, &r->id, &b->scratch) && !strcmp(text_str(&b->scratch), want);
}

static int verdict(struct broker *b, const struct response *r, const struct message *m)
{
	json_t *error =
		r->has_error && m->payload.json ? pointer_get(&r->error, m->payload.json) : NULL;

	if (error && !json_is_null(error) && !json_is_false(error))
		return LGW_EREFUSED;
	if (!r->has_pointer)
		return LGW_OK;
	if (!message_word(m, &r->pointer, &b->scratch))
		return LGW_EREFUSED;
	for (size_t k = 0; k < r->ok.n; k++)
		if (!strcmp(r->ok.at[k], text_str(&b->scratch)))
			return LGW_OK;
	return LGW_EREFUSED;
}

void orders_answer(struct broker *b, const struct message *m)
{
	for (struct pending **at = &b->pending; *at; at = &(*at)->next)
		if (answers(b, *at, m)) {
			pending_end(b, at, verdict(b, &(*at)->rule->response, m));
			return;
		}
}

/* --- publishing ------------------------------------------------------------------------------- */

static const struct order *order_for(const struct rule *r, const char *key)
{
	for (size_t k = 0; k < r->norders; k++)
		if (!r->orders[k].glob || !fnmatch(r->orders[k].glob, key, 0))
			return &r->orders[k];
	return NULL;
}

struct sending {
	struct broker *b;
	const struct letter *l;
	const struct rule *r;
	struct levels levels;
	struct tmpl_input in;
	struct text topic, payload, answer;
};

static int render(struct sending *s, const struct order *o)
{
	char why[WHY_BYTES] = "";
	const struct lgw_host *h = s->b->host;
	int e = tmpl_render(&s->topic, &o->topic, &s->in, why, sizeof(why));

	if (!e)
		e = tmpl_render(&s->payload, &o->payload, &s->in, why, sizeof(why));
	if (!e && s->r->response.filter)
		e = tmpl_render(&s->answer, &s->r->response.topic, &s->in, why, sizeof(why));
	/* A device id may hold what a topic must not. */
	if (!e && (mosquitto_pub_topic_check(text_str(&s->topic)) || !s->topic.len)) {
		snprintf(why, sizeof(why), "the topic of the command is none");
		e = LGW_EINVAL;
	}
	if (e)
		h->log(h, LGW_LOG_WARNING, s->l->device, "command %s: %s", s->l->key, why);
	return e ? LGW_EINVAL : LGW_OK;
}

static int publish(struct sending *s)
{
	struct broker *b = s->b;
	struct pending *p = mem_zero(1, sizeof(*p));
	int e = mosquitto_publish(b->m, &p->mid, text_str(&s->topic), (int)s->payload.len,
		text_str(&s->payload), s->r->command_qos, s->r->retain);

	if (e) {
		free(p);
		return LGW_EUNAVAIL;
	}
	p->id = s->l->id;
	p->rule = s->r;
	p->answer = s->r->response.filter ? mem_dup(text_str(&s->answer)) : NULL;
	p->due_ms = b->host->now_mono(b->host) +
		    (p->answer ? s->r->response.timeout_ms : b->connect_ms);
	p->next = b->pending;
	b->pending = p;
	b->npending++;
	return LGW_OK;
}

static int send(struct sending *s)
{
	const struct route *route = table_get(&s->b->routes, s->l->device);
	const struct order *o;
	const char *heard;

	if (!route || !s->b->up)
		return LGW_EUNAVAIL;
	if (s->b->npending >= COMMANDS_MAX)
		return LGW_EUNAVAIL;
	s->r = &s->b->rules->rules[route->rule];
	o = order_for(s->r, s->l->key);
	if (!o)
		return LGW_EOP;
	heard = table_get(&route->keys, s->l->key);
	if (!heard)
		heard = route->any;
	if (heard)
		levels_split(&s->levels, heard);
	s->in = (struct tmpl_input){ .levels = &s->levels,
		.device = s->l->device,
		.key = s->l->key,
		.value = &s->l->value,
		.id = s->l->id };
	return render(s, o) ?: publish(s);
}

void orders_send(struct broker *b, const struct letter *l)
{
	struct sending s = { .b = b, .l = l };
	int e = send(&s);

	if (e)
		done(b, l->id, e);
	text_free(&s.topic);
	text_free(&s.payload);
	text_free(&s.answer);
}
