/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/report.h"
#include <math.h>
#include "lwm2m/drain.h"
#include "lwm2m/observe.h"
#include "lwm2m/regist.h"
#include "lwm2m/reply.h"
#include "lwm2m/resume.h"
#include "lwm2m/server.h"
#include "store/store.h"
#include "util/err.h"

LOG_MODULE("lwm2m");

/*
 * Notifications that follow one another faster than this are a burst. Any of them may get lost, but
 * the state after the last one must not (RFC 7641 §4.5): after this pause it goes confirmable.
 */
#define BURST_MS 5000

/* --- plans --------------------------------------------------------------------------------- */

static uint32_t seconds(int64_t v)
{
	return v <= 0 ? 0 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static void plan_at(struct observation *o, int64_t ms)
{
	if (ms < o->due_ms)
		o->due_ms = ms;
}

void report_plan(struct observation *o)
{
	struct server *s = o->server;
	int64_t now = client_now(s->client), pmin_ms = (int64_t)o->pmin * 1000;
	int64_t confirm_ms = o->last_ms + (pmin_ms > BURST_MS ? pmin_ms : BURST_MS);

	o->due_ms = NEVER;
	if (!o->observer)
		return;
	if (o->pending)
		o->due_ms = o->last_ms + pmin_ms;
	else if (o->pmax)
		o->due_ms = o->last_ms + (int64_t)o->pmax * 1000;
	if (o->burst && !o->pending && confirm_ms < o->due_ms)
		o->due_ms = confirm_ms;
	if (o->held)
		plan_at(o, o->eval_ms + (int64_t)o->epmin * 1000);
	if (o->epmax)
		plan_at(o, o->eval_ms + (int64_t)o->epmax * 1000);
	if (o->due_ms < now)
		o->due_ms = now;
	if (o->due_ms < s->report_ms) {
		s->report_ms = o->due_ms;
		server_arm(s);
	}
}

/* pmin and pmax in force: the server's own, else the defaults of its account; pmax 0 counts as
 * absent, one below pmin is ignored. */
static void load_attrs(struct observation *o)
{
	struct server *s = o->server;
	struct attrs a;

	dm_attrs_effective(s->client->dm, s->ssid, &o->key.path, &a);
	o->pmin = a.set & ATTR_PMIN ? seconds(a.pmin) : s->pmin;
	o->pmax = a.set & ATTR_PMAX ? seconds(a.pmax) : s->pmax;
	if (o->pmax < o->pmin)
		o->pmax = 0;
	o->epmin = a.set & ATTR_EPMIN ? seconds(a.epmin) : 0;
	o->epmax = a.set & ATTR_EPMAX ? seconds(a.epmax) : 0;
	o->con = a.set & ATTR_CON ? a.con : 0;
	o->conditions = (a.set & (ATTR_GT | ATTR_LT | ATTR_ST)) != 0;
}

/* Which instances an observed object has: a change of them is a change of it. */
static uint32_t shape_of(const struct client *c, const struct path *p)
{
	uint32_t h = 2166136261u;
	int32_t it = -1;

	while (p->n == 1 && dm_next(c->dm, p, &it))
		h = (h ^ (uint32_t)it) * 16777619u;
	return h;
}

void report_begin(struct observation *o, const struct representation *rep)
{
	o->last_ms = o->eval_ms = client_now(o->server->client);
	o->numeric = rep->numeric;
	o->sent = o->last = rep->number;
	o->shape = shape_of(o->server->client, &o->key.path);
	load_attrs(o);
	report_plan(o);
}

void report_resumed(struct observation *o)
{
	o->last_ms = o->eval_ms = client_now(o->server->client);
	o->shape = shape_of(o->server->client, &o->key.path);
	load_attrs(o);
	o->pending = o->ripe = o->line && line_count(o->line);
	report_plan(o);
}

void report_replan(struct server *s, const struct path *p)
{
	struct value v;

	for (struct observation *o = s->observations; o; o = o->next) {
		if (p && !path_contains(p, &o->key.path))
			continue;
		load_attrs(o);
		if (o->conditions && !dm_get(s->client->dm, &o->key.path, &v, NULL))
			represent_number(&v, &o->last);
		report_plan(o);
	}
}

/* --- values -------------------------------------------------------------------------------- */

/* gt and lt are crossed from the last value, in either direction; st counts from the last value
 * that was notified. The tolerance is that of binary fractions: 0.3 - 0.2 is a step of 0.1. */
static bool condition(struct observation *o, double x)
{
	struct attrs a;
	bool hit = false;

	dm_attrs_effective(o->server->client->dm, o->server->ssid, &o->key.path, &a);
	if (a.set & ATTR_GT)
		hit |= (o->last > a.gt) != (x > a.gt);
	if (a.set & ATTR_LT)
		hit |= (o->last < a.lt) != (x < a.lt);
	if (a.set & ATTR_ST)
		hit |= fabs(x - o->sent) >= a.st - 1e-9 * fmax(fabs(x), fabs(o->sent));
	o->last = x;
	return hit;
}

static void evaluate(
	struct observation *o, const struct path *p, const struct value *v, int64_t time_ms)
{
	double x;

	if (v && o->conditions && p->n == o->key.path.n && represent_number(v, &x)) {
		if (o->numeric && !condition(o, x))
			return;
		/* After a restart nobody knows what was told last: the first one is. */
		if (!o->numeric)
			o->last = o->sent = x;
		o->numeric = true;
	}
	if (o->line && v)
		drain_keep(o, p, v, time_ms);
	if (o->pending)
		return;
	o->pending = true;
	report_plan(o);
}

/* epmin is the least time between two looks at a value (LwM2M 1.1 §5.1.2): what changes meanwhile
 * is seen as it is by then. Of many values each one counts. */
static bool hold(struct observation *o, const struct path *p)
{
	int64_t now = client_now(o->server->client);

	o->held = o->observer && o->epmin && p->n == o->key.path.n && now > o->eval_ms &&
		  now < o->eval_ms + (int64_t)o->epmin * 1000;
	if (o->held)
		report_plan(o);
	else
		o->eval_ms = now;
	return o->held;
}

static void value_of(
	struct observation *o, const struct path *p, const struct value *v, int64_t time_ms)
{
	if (observe_expired(o))
		return;
	o->absent = false;
	/* An object is told without what this server may not read: no change for it then. */
	if (o->key.path.n == 1 && !dm_readable(o->server->client->dm, o->server->ssid, p))
		return;
	if (!v || !hold(o, p))
		evaluate(o, p, v, time_ms);
}

/* The time of epmin is over, or that of epmax, by which a value has to be looked at that says of
 * itself nothing: one that is computed, or that a device is asked for. */
static void look(struct observation *o)
{
	struct client *c = o->server->client;
	int64_t now = client_now(c), time_ms;
	bool held = o->held && now >= o->eval_ms + (int64_t)o->epmin * 1000;
	struct value v;
	double x;

	if (!held && (!o->epmax || now < o->eval_ms + (int64_t)o->epmax * 1000))
		return;
	o->held = false;
	o->eval_ms = now;
	if (!held && dm_refreshes(c->dm, o->key.path.id[0]))
		dm_refresh(c->dm, o->server->ssid, &o->key.path, NULL, NULL);
	if (!dm_get(c->dm, &o->key.path, &v, &time_ms) &&
		(o->numeric && represent_number(&v, &x) ? x > o->last || x < o->last : held))
		evaluate(o, &o->key.path, &v, time_ms);
	report_plan(o);
}

void report_value(struct client *c, const struct path *p, const struct value *v, int64_t time_ms,
	bool changed)
{
	struct path up = *p;

	if (!c->nobservations || !changed)
		return;
	for (up.n = 1; up.n <= p->n; up.n++)
		for (struct observation *o = observe_find(c, &up), *same; o; o = same) {
			same = o->same;
			value_of(o, p, v, time_ms);
		}
}

/* Crossings and steps are of values in their order: what comes late is none. */
static void late_value(
	struct observation *o, const struct path *p, const struct value *v, int64_t time_ms)
{
	if (observe_expired(o) || !o->line || o->conditions || o->epmin || !drain_timed(o))
		return;
	drain_keep(o, p, v, time_ms);
	o->pending = true;
	report_plan(o);
}

void report_late(struct client *c, const struct path *p, const struct value *v, int64_t time_ms)
{
	struct path up = *p;

	for (up.n = 1; c->nobservations && up.n <= p->n; up.n++)
		for (struct observation *o = observe_find(c, &up), *same; o; o = same) {
			same = o->same;
			late_value(o, p, v, time_ms);
		}
}

void report_structure(struct client *c)
{
	for (struct server *s = c->nobservations ? c->servers : NULL; s; s = s->next) {
		if (!s->nobservations)
			continue;
		s->recheck = true;
		s->report_ms = client_now(c);
		server_arm(s);
	}
}

/* --- messages ------------------------------------------------------------------------------ */

/* One last message with the error's code; then there is no observation any more. */
static void finish(struct observation *o, int status)
{
	struct server *s = o->server;
	struct coap_msg m;
	char path[PATH_TEXT_MAX];

	log_info(SERVER_LOG(s), "observation of %s by server %u ended: %s",
		path_text(path, &o->key.path), s->ssid, err_text(status));
	resume_unobserved(o);
	coap_msg_init(&m, COAP_NON, reply_code(status));
	if (!observer_notify(o->observer, &m, NOTIFY_LAST))
		o->observer = NULL; /* goes by itself */
	if (status == LGW_EACCES) { /* nothing that was kept goes out later */
		line_drop(o->line);
		o->line = NULL;
	}
	observe_ended(o);
}

static int send_value(struct observation *o, const struct representation *rep, bool con)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_NON, COAP_205);
	represent_put(rep, &m);
	return observer_notify(o->observer, &m, con ? NOTIFY_CON : 0);
}

/* The one message that is due. o may be gone afterwards. */
static void report(struct observation *o)
{
	struct server *s = o->server;
	struct representation rep;
	char path[PATH_TEXT_MAX];
	bool con, soon;
	int r;

	/* A right that was withdrawn: the error is its last message, nothing kept goes before it.
	 */
	if (dm_readable(s->client->dm, s->ssid, &o->key.path) && drain_takes(o))
		return;
	r = represent(s, &o->key.path, o->format, 0, &rep);
	if (r && r != LGW_ETOOBIG && r != LGW_EINTERNAL) {
		finish(o, r);
		return;
	}
	/* Also when nothing has changed since the last of a burst. */
	con = o->con || s->conf->p.notify_con || (o->burst && !o->pending);
	soon = o->notified && client_now(s->client) - o->last_ms < BURST_MS;
	o->pending = true;
	o->due_ms = NEVER;
	if (!r)
		r = send_value(o, &rep, con);
	if (r == LGW_EUNAVAIL) { /* kept for report_resume; no number for it at present (OSCORE)? */
		if (session_is_up(s->session))
			regist_doubt(s);
		return;
	}
	if (r)
		log_at(o->too_big ? LGW_LOG_DEBUG : LGW_LOG_WARNING, SERVER_LOG(s),
			"notification of %s lost: %s", path_text(path, &o->key.path), err_text(r));
	else
		s->notifications++;
	o->too_big = r != LGW_OK;
	o->pending = false;
	o->notified = true;
	o->burst = soon && !con && !session_is_reliable(s->session);
	o->last_ms = client_now(s->client);
	o->shape = shape_of(s->client, &o->key.path);
	o->numeric = rep.numeric;
	o->sent = o->last = rep.number;
	report_plan(o);
}

/* After instances came or went: what is observed and gone, and what objects gained or lost. */
static void recheck(struct server *s)
{
	struct observation *o, *next;

	s->recheck = false;
	for (o = s->observations; o; o = next) {
		uint32_t shape = shape_of(s->client, &o->key.path);

		next = o->next;
		if (!o->observer || (o->absent && !dm_exists(s->client->dm, &o->key.path)))
			continue;
		if (!dm_exists(s->client->dm, &o->key.path)) {
			finish(o, LGW_ENOENT);
		} else if (shape != o->shape && !o->pending) {
			o->pending = true;
			report_plan(o);
		}
	}
}

void report_due(struct server *s)
{
	int64_t now = client_now(s->client);
	struct observation *o, *next;

	if (s->recheck)
		recheck(s);
	for (o = s->observations; o; o = next) {
		if (o->due_ms <= now)
			look(o); /* which may end others */
		next = o->next;
		if (o->due_ms <= now)
			report(o);
	}
	drain(s);
	s->report_ms = NEVER;
	for (o = s->observations; o; o = o->next)
		if (o->due_ms < s->report_ms)
			s->report_ms = o->due_ms;
}

void report_resume(struct server *s)
{
	for (struct observation *o = s->observations; o; o = o->next)
		if (o->due_ms == NEVER)
			report_plan(o);
	drain(s);
}
