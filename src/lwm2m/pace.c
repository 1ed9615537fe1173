/* SPDX-License-Identifier: BSD-3-Clause */
/* Places for registrations and updates under way, so that a start is no storm. */
#include "lwm2m/regist.h"
#include "lwm2m/shared.h"

static struct line *line_of(struct clients *cs, const struct server *s)
{
	return s->doing == DOING_UPDATE ? &cs->updates : &cs->registers;
}

static void line_add(struct line *l, struct server *s)
{
	s->wait_prev = l->last;
	s->wait_next = NULL;
	if (l->last)
		l->last->wait_next = s;
	else
		l->first = s;
	l->last = s;
	s->waiting = true;
}

static void line_remove(struct line *l, struct server *s)
{
	if (s->wait_prev)
		s->wait_prev->wait_next = s->wait_next;
	else
		l->first = s->wait_next;
	if (s->wait_next)
		s->wait_next->wait_prev = s->wait_prev;
	else
		l->last = s->wait_prev;
	s->wait_prev = s->wait_next = NULL;
	s->waiting = false;
}

static bool place_free(const struct lwm2m_env *env)
{
	return !env->max_concurrent || env->clients->active < env->max_concurrent;
}

static void place_give(struct server *s)
{
	s->client->env->clients->active++;
	s->has_place = true;
	s->place_ms = client_now(s->client) + PLACE_MS;
}

bool pace_take(struct server *s)
{
	struct lwm2m_env *env = s->client->env;

	if (s->has_place)
		return true;
	if (s->waiting)
		return false;
	if (place_free(env)) {
		place_give(s);
		return true;
	}
	line_add(line_of(env->clients, s), s);
	return false;
}

void pace_drop(struct server *s)
{
	struct clients *cs = s->client->env->clients;

	if (s->waiting)
		line_remove(line_of(cs, s), s);
	if (s->has_place)
		cs->active--;
	s->has_place = false;
	s->place_ms = NEVER;
}

void pace_run(struct lwm2m_env *env)
{
	struct clients *cs = env->clients;

	if (cs->pacing)
		return; /* a server that failed at once; the loop below goes on */
	cs->pacing = true;
	while (place_free(env)) {
		struct line *l = cs->updates.first ? &cs->updates : &cs->registers;
		struct server *s = l->first;

		if (!s)
			break;
		line_remove(l, s);
		place_give(s);
		regist_go(s);
	}
	cs->pacing = false;
}
