/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the gateway is, asked of a hook from time to time (object 6). */
#include <stdlib.h>
#include <string.h>
#include "gateway/hook.h"
#include "gateway/parcel.h"
#include "gateway/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("gateway");

#define TIMEOUT_MS 30000

struct position {
	struct gateway *gateway;
	struct timer timer;
	struct hook_job *job;
	bool failed; /* told already */
};

static const char *program(const struct gateway *g)
{
	const char *hook = g->params->location_hook;

	return hook && *hook ? hook : NULL;
}

static void again(struct position *p)
{
	struct timers *ts = p->gateway->env->timers;

	timer_set(ts, &p->timer, timers_now(ts) + p->gateway->params->location_interval_ms);
}

static void complain(struct position *p, const char *what)
{
	if (!p->failed)
		log_warning(NULL, "hook %s position: %s", p->gateway->params->location_hook, what);
	p->failed = true;
}

/* The first line is the place; without one nothing is known, and what was known stays. */
static void told(void *ud, int status, const char *output)
{
	struct position *p = ud;
	struct gateway *g = p->gateway;
	char *line = xstrdup(output);
	struct location l;

	p->job = NULL;
	again(p);
	line[strcspn(line, "\r\n")] = '\0';
	if (status) {
		complain(p, status < 0 ? err_text(status) : "failed");
	} else if (gateway_location_parse(line, &l)) {
		complain(p, "said no place");
	} else if (g->self) {
		p->failed = false;
		l.time_ms = timers_wall(g->env->timers);
		object_location_set(client_objects(g->self->client), &l);
	}
	free(line);
}

static void ask(struct timer *t, void *ud)
{
	struct position *p = ud;
	struct gateway *g = p->gateway;
	struct hook_request r = {
		.verb = "position", .job = "6-position", .timeout_ms = TIMEOUT_MS
	};

	(void)t;
	r.program = program(g);
	if (!r.program || !g->self || !g->parcels || p->job)
		return;
	parcel_var(&r, "LGW_VERB", r.verb);
	parcel_var(&r, "LGW_OBJECT", "6");
	p->job = g->parcels->hooks->run(g->parcels->hooks_ud, &r, told, p);
	for (size_t k = 0; k < r.nvars; k++)
		free(r.vars[k]);
}

void position_begin(struct gateway *g)
{
	struct position *p = g->position;

	if (!p && !program(g))
		return;
	if (!p) {
		p = g->position = xcalloc(1, sizeof(*p));
		p->gateway = g;
		timer_init(&p->timer, ask, p);
	}
	if (!p->job)
		timer_set(g->env->timers, &p->timer, timers_now(g->env->timers));
}

void position_free(struct gateway *g)
{
	struct position *p = g->position;

	if (!p)
		return;
	if (p->job)
		g->parcels->hooks->forget(p->job);
	timer_del(g->env->timers, &p->timer);
	free(p);
	g->position = NULL;
}
