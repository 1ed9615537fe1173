/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/server.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lwm2m/location.h"
#include "lwm2m/observe.h"
#include "lwm2m/queue_mode.h"
#include "lwm2m/regist.h"
#include "lwm2m/report.h"
#include "lwm2m/serve.h"
#include "lwm2m/shared.h"
#include "lwm2m/sms.h"
#include "lwm2m/stop.h"
#include "lwm2m/written.h"
#include "objects/standard.h"
#include "oscore/context.h"
#include "util/err.h"
#include "util/mem.h"

LOG_MODULE("lwm2m");

#define IP4_UDP_BYTES 28
#define IP6_UDP_BYTES 48

#define RETIRE_LIMIT_MS 10000 /* for the De-register of a server that is configured away */

static void server_event(void *ud, enum session_event ev, int err)
{
	struct server *s = ud;

	if (ev == SESSION_ALERT) {
		account_alert(s->client->objects, s->ssid, (uint8_t)err);
		return;
	}
	if (s->session == s->ip)
		regist_link(s, ev == SESSION_UP, err);
	if (ev == SESSION_UP)
		report_resume(s);
	server_leave(s);
}

/* Object 7 counts with the headers of IP and UDP (LwM2M 1.0 E.8). */
static void server_traffic(void *ud, bool sent, size_t bytes)
{
	struct server *s = ud;

	queue_mode_awake(s);
	if (!object_statistics_on(s->client->objects))
		return;
	object_statistics_count(s->client->objects, sent,
		bytes + (strchr(server_peer(s), '[') ? IP6_UDP_BYTES : IP4_UDP_BYTES));
}

static const struct session_handler handler = {
	.request = serve_request,
	.event = server_event,
	.body = serve_body,
	.traffic = server_traffic,
};

static void server_timer(struct timer *t, void *ud)
{
	struct server *s = ud;
	int64_t now = client_now(s->client);

	if (s->retiring && s->state == SERVER_STOPPED) {
		server_free(s);
		return;
	}
	if (s->place_ms <= now)
		pace_drop(s);
	if (s->due_ms <= now) {
		s->due_ms = NEVER;
		regist_due(s);
	}
	if (s->report_ms <= now) {
		s->report_ms = NEVER;
		report_due(s);
	}
	if (s->sleep_ms <= now)
		queue_mode_due(s);
	server_leave(s);
}

size_t server_grants(const struct client *c, struct access_grant g[SERVERS_MAX])
{
	size_t n = 0;

	for (const struct server *s = c->servers; s && n < SERVERS_MAX; s = s->next)
		if (!s->retiring)
			g[n++] = (struct access_grant){ s->ssid,
				(uint8_t)~s->conf->p.denied & ACCESS_ALL };
	return n;
}

int server_add(struct client *c, struct server_conf *conf)
{
	struct access_grant g[SERVERS_MAX];
	struct server *s, **at = &c->servers;
	int r = account_add(c->objects, &conf->p.account);

	if (r < 0) {
		log_err(&(struct log_ctx){ .endpoint = c->endpoint }, "account %u refused: %s",
			conf->p.account.ssid, err_text(r));
		conf_put(c->env->clients, conf);
		return r;
	}
	s = xcalloc(1, sizeof(*s));
	s->client = c;
	s->conf = conf;
	s->ssid = conf->p.account.ssid;
	s->due_ms = s->report_ms = s->place_ms = s->sleep_ms = NEVER;
	timer_init(&s->timer, server_timer, s);
	while (*at)
		at = &(*at)->next;
	*at = s;
	return access_welcome(c->objects, g, server_grants(c, g));
}

void server_free(struct server *s)
{
	struct server **at;

	if (!s)
		return;
	at = &s->client->servers;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	regist_cancel(s);
	regist_lost(s);
	server_set_state(s, SERVER_STOPPED);
	observe_forget_all(s);
	session_free(s->ip);
	session_free(s->sms);
	oscore_free(s->oscore);
	timer_del(client_timers(s->client), &s->timer);
	conf_put(s->client->env->clients, s->conf);
	conf_put(s->client->env->clients, s->session_conf);
	free(s->location);
	free(s);
}

struct server *server_find(const struct client *c, uint16_t ssid)
{
	struct server *s = c->servers;

	while (s && (s->ssid != ssid || s->retiring))
		s = s->next;
	return s;
}

/* One way to the server; the session keeps looking at the parameters it was made with. */
static struct session *open_way(struct server *s, const char *uri, const struct cred *cred,
	const struct session_params *params, const struct session_handler *h)
{
	struct lwm2m_env *env = s->client->env;
	struct session_security security = { .cred = cred, .oscore = s->oscore };
	struct session *way = session_new(
		env->sessions, env->links, uri, &security, params, h, s, &s->last_error);

	if (way)
		session_set_endpoint(way, s->client->endpoint);
	else
		log_err(SERVER_LOG(s), "server %u: no connection possible to %s: %s", s->ssid, uri,
			err_text(s->last_error));
	return way;
}

/* The way by SMS beside the one of the URI. */
static void make_beside(struct server *s)
{
	const struct server_params *p = &s->conf->p;
	char uri[64];

	snprintf(uri, sizeof(uri), "sms:%s", p->account.sms_number);
	s->sms = open_way(s, uri, p->account.sms_cred, &p->sms, &sms_handler);
}

static int make_oscore(struct server *s, const struct oscore_cred *cred)
{
	const struct lwm2m_env *env = s->client->env;
	int err;

	s->oscore = oscore_new(cred, env->oscore, env->oscore_ud, &err);
	if (s->oscore && oscore_recovering(s->oscore) && !cred->p.rederive)
		log_notice(SERVER_LOG(s),
			"OSCORE: the clock stands before the first day of numbers, so new keys "
			"have to be agreed on with server %u",
			s->ssid);
	return err;
}

static int make_session(struct server *s)
{
	const struct server_params *p = &s->conf->p;
	struct session **way = sms_only(s) ? &s->sms : &s->ip;

	s->last_error = LGW_OK;
	if (p->account.oscore && !s->oscore)
		s->last_error = make_oscore(s, p->account.oscore);
	if (s->last_error)
		return s->last_error;
	*way = open_way(s, p->account.uri, p->account.cred, &p->session,
		sms_only(s) ? &sms_handler : &handler);
	if (!*way)
		return s->last_error;
	s->session = *way;
	s->session_conf = conf_ref(s->conf);
	return LGW_OK;
}

int server_start(struct server *s)
{
	int r = s->session ? LGW_OK : make_session(s);

	if (!r && !s->sms && sms_beside(s))
		make_beside(s);
	if (!r && s->state == SERVER_STOPPED && !s->retiring) {
		regist_start(s);
		server_arm(s);
	}
	return r;
}

void server_retire(struct server *s, bool deregister)
{
	struct client *c = s->client;

	written_account(c, s->ssid);
	account_remove(c->objects, s->ssid);
	dm_attrs_drop(c->dm, s->ssid);
	observe_purge(s);
	s->retiring = true;
	regist_stop(
		s, deregister && s->conf->p.deregister_on_stop, client_now(c) + RETIRE_LIMIT_MS);
	server_arm(s);
}

void server_renew(struct server *s, struct server_conf *conf)
{
	conf_put(s->client->env->clients, s->conf);
	s->conf = conf;
	server_periods(s);
	report_replan(s, NULL);
}

const char *server_peer(const struct server *s)
{
	const char *peer = s->session ? session_peer(s->session) : "";

	return *peer ? peer : s->conf->p.account.uri;
}

int server_account(const struct server *s, struct account *a)
{
	return account_get(s->client->objects, s->ssid, a);
}

static uint32_t seconds(int64_t v)
{
	return v <= 0 ? 0 : v > INT32_MAX ? INT32_MAX : (uint32_t)v;
}

void server_periods(struct server *s)
{
	struct account a;

	if (server_account(s, &a))
		return;
	s->pmin = seconds(a.pmin);
	s->pmax = seconds(a.pmax);
}

void server_set_state(struct server *s, enum server_state state)
{
	bool was = server_is_registered(s->state), is = server_is_registered(state);
	struct client *c = s->client;

	s->state = (uint8_t)state;
	if (is && !was && c->nregistered++ == 0)
		c->env->clients->registered++;
	else if (was && !is && --c->nregistered == 0)
		c->env->clients->registered--;
}

void server_set_registered(struct server *s, bool registered)
{
	if (s->registered && !registered)
		queue_mode_end(s);
	s->registered = registered;
}

void server_arm(struct server *s)
{
	struct timers *ts = client_timers(s->client);
	int64_t due = s->due_ms < s->report_ms ? s->due_ms : s->report_ms;

	if (s->place_ms < due)
		due = s->place_ms;
	if (s->sleep_ms < due)
		due = s->sleep_ms;
	if (s->told != s->state || (s->retiring && s->state == SERVER_STOPPED))
		due = 0;
	if (due == NEVER)
		timer_del(ts, &s->timer);
	else if (!timer_armed(&s->timer) || s->timer.due != due)
		timer_set(ts, &s->timer, due);
}

void server_leave(struct server *s)
{
	struct client *c = s->client;
	bool tell = s->told != s->state;

	pace_run(c->env);
	s->told = s->state;
	server_arm(s);
	if (c->stop)
		stop_check(c);
	if (tell && c->hooks->server_state && !s->retiring)
		c->hooks->server_state(c->ud, c, s->ssid);
}

void server_info(const struct server *s, struct server_info *out)
{
	struct clients *cs = s->client->env->clients;
	int64_t wall = timers_wall(client_timers(s->client)) - client_now(s->client);
	struct account a;

	*out = (struct server_info){
		.name = s->conf->p.account.name,
		.uri = s->conf->p.account.uri,
		.peer = server_peer(s),
		.ssid = s->ssid,
		.state = (enum server_state)s->state,
		.asleep = queue_mode_asleep(s),
		.lifetime = server_account(s, &a) ? s->conf->p.account.lifetime : a.lifetime,
		.registered_wall_ms = s->registered ? s->registered_wall_ms : 0,
		.last_update_wall_ms = s->updated_wall_ms,
		.last_error = s->last_error,
		.observations = s->nobservations - s->nwanted,
		.notifications = s->notifications,
		.requests = s->requests,
	};
	if (s->registered)
		out->location =
			location_text(s->location, s->location_len, cs->text, sizeof(cs->text));
	if ((s->state == SERVER_RETRYING || s->state == SERVER_DISABLED) && s->due_ms != NEVER)
		out->retry_wall_ms = s->due_ms + wall;
}

const char *server_state_text(enum server_state state)
{
	static const char *const text[] = {
		[SERVER_STOPPED] = "stopped",
		[SERVER_CONNECTING] = "connecting",
		[SERVER_REGISTERING] = "registering",
		[SERVER_REGISTERED] = "registered",
		[SERVER_UPDATING] = "updating",
		[SERVER_RETRYING] = "retrying",
		[SERVER_DISABLED] = "disabled",
		[SERVER_DEREGISTERING] = "deregistering",
	};

	return (size_t)state < ARRAY_SIZE(text) ? text[state] : "?";
}
