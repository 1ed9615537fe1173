/* SPDX-License-Identifier: BSD-3-Clause */
#include "ruleset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"

static void subscribe(struct ruleset *s, const char *filter, int qos)
{
	if (!filter)
		return;
	for (size_t k = 0; k < s->nsubs; k++)
		if (!strcmp(s->subs[k].filter, filter)) {
			s->subs[k].qos = s->subs[k].qos > qos ? s->subs[k].qos : qos;
			return;
		}
	s->subs = mem_grow(s->subs, s->nsubs + 1, sizeof(*s->subs));
	s->subs[s->nsubs++] = (struct subscription){ mem_dup(filter), qos };
}

struct ruleset *ruleset_new(const struct broker_conf *c, char *why, size_t size)
{
	const struct rule_conf *conf = c->rules.items;
	struct ruleset *s = mem_zero(1, sizeof(*s));
	char what[256] = "";

	atomic_init(&s->users, 1);
	s->rules = mem_zero(c->rules.n, sizeof(*s->rules));
	for (; s->n < c->rules.n; s->n++) {
		struct rule *r = &s->rules[s->n];

		if (rule_init(r, &conf[s->n], broker_name(c), what, sizeof(what))) {
			snprintf(why, size, "%s%sbroker \"%s\": rule \"%s\": %s",
				conf[s->n].where ? conf[s->n].where : "",
				conf[s->n].where ? ": " : "", broker_name(c), conf[s->n].topic,
				what);
			ruleset_unref(s);
			return NULL;
		}
		subscribe(s, r->filter, r->qos);
		subscribe(s, r->availability.filter, r->qos);
		subscribe(s, r->response.filter, r->qos);
	}
	return s;
}

struct ruleset *ruleset_ref(struct ruleset *s)
{
	atomic_fetch_add(&s->users, 1);
	return s;
}

void ruleset_unref(struct ruleset *s)
{
	if (!s || atomic_fetch_sub(&s->users, 1) > 1)
		return;
	for (size_t k = 0; k < s->n; k++)
		rule_fini(&s->rules[k]);
	for (size_t k = 0; k < s->nsubs; k++)
		free(s->subs[k].filter);
	free(s->rules);
	free(s->subs);
	free(s);
}

bool ruleset_subscribes(const struct ruleset *s, const char *filter, int qos)
{
	for (size_t k = 0; k < s->nsubs; k++)
		if (!strcmp(s->subs[k].filter, filter) && s->subs[k].qos == qos)
			return true;
	return false;
}
