/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/stop.h"
#include <stdlib.h>
#include "lwm2m/regist.h"
#include "lwm2m/server.h"
#include "util/mem.h"

static bool all_stopped(const struct client *c)
{
	for (const struct server *s = c->servers; s; s = s->next)
		if (s->state != SERVER_STOPPED)
			return false;
	return true;
}

/* Either all are stopped, or the limit is over. The callback may free the client. */
static void stop_timer(struct timer *t, void *ud)
{
	struct client *c = ud;
	struct client_stop *stop = c->stop;

	for (struct server *s = c->servers; s; s = s->next) {
		regist_stop(s, false, 0);
		server_arm(s);
	}
	c->stop = NULL;
	if (stop->done)
		stop->done(stop->ud);
	free(stop);
}

void stop_check(struct client *c)
{
	if (all_stopped(c))
		timer_set(client_timers(c), &c->stop->timer, client_now(c));
}

void stop_free(struct client *c)
{
	if (!c->stop)
		return;
	timer_del(client_timers(c), &c->stop->timer);
	free(c->stop);
	c->stop = NULL;
}

void client_stop(struct client *c, int64_t limit_ms, void (*done)(void *ud), void *ud)
{
	struct server *s;

	stop_free(c);
	c->running = false;
	c->stop = xcalloc(1, sizeof(*c->stop));
	c->stop->done = done;
	c->stop->ud = ud;
	timer_init(&c->stop->timer, stop_timer, c);
	timer_set(client_timers(c), &c->stop->timer, client_now(c) + limit_ms);
	for (s = c->servers; s; s = s->next) {
		if (s->state == SERVER_DEREGISTERING && s->retiring)
			continue;
		regist_stop(s, s->conf->p.deregister_on_stop, client_now(c) + limit_ms);
		server_arm(s); /* the owner is told from the loop */
	}
	stop_check(c);
}
