/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/sms.h"

#include <string.h>
#include "coap/opt.h"
#include "lwm2m/clients.h"
#include "lwm2m/queue_mode.h"
#include "lwm2m/regist.h"
#include "lwm2m/reply.h"
#include "lwm2m/report.h"
#include "lwm2m/serve.h"
#include "lwm2m/server.h"
#include "transport/carrier.h"
#include "util/err.h"
#include "util/num.h"
#include "util/str.h"

LOG_MODULE("lwm2m");

enum { OID_SERVER = 1, RES_UPDATE = 8, RES_BOOTSTRAP = 9 };

/* --- which way ------------------------------------------------------------------------------ */

bool sms_only(const struct server *s)
{
	const char *uri = s->conf->p.account.uri;

	return str_starts(uri, "sms:") || str_starts(uri, "tel:");
}

/* Does the binding have an S now? */
static bool bound(const struct server *s)
{
	struct account a;

	if (server_account(s, &a) || !a.binding)
		return sms_only(s);
	return strchr(a.binding, 'S') != NULL;
}

/* Requests of a server by SMS go to one client: the one that is named, or the gateway's own. */
static bool takes_requests(const struct server *s)
{
	const char *who = s->conf->p.requests_to;

	return who ? !strcmp(who, s->client->endpoint) : s->client->main;
}

bool sms_beside(const struct server *s)
{
	return s->conf->p.account.sms_number && !sms_only(s) && (takes_requests(s) || bound(s));
}

void sms_choose(struct server *s)
{
	struct account a;
	bool ip = s->ip && (server_account(s, &a) || !a.binding || strpbrk(a.binding, "UTN") ||
				   !strchr(a.binding, 'S'));
	struct session *now = ip || !s->sms ? s->ip : s->sms;

	if (s->sms && takes_requests(s))
		session_take_requests(s->sms);
	if (s->sms)
		session_open(s->sms);
	if (now && now != s->session) {
		log_info(SERVER_LOG(s), "server %u is spoken to %s from now on", s->ssid,
			now == s->sms ? "by SMS" : "over IP");
		s->session = now;
	}
}

const char *sms_own_number(const struct server *s)
{
	const struct link_env *links = s->client->env->links;

	return links->carriers && bound(s) ? carriers_own(links->carriers) : NULL;
}

void clients_number_changed(struct clients *cs)
{
	struct client *c;
	size_t it = 0;

	while ((c = clients_next(cs, &it)))
		for (struct server *s = c->servers; s; s = s->next)
			if (!s->retiring && s->registered && bound(s))
				regist_want(s, WANT_UPDATE | WANT_SMS, 0);
}

/* --- triggers ------------------------------------------------------------------------------- */

/* POST to /1/x/8 or /1/x/9 of the server's own account: which of the two, or 0. */
static uint16_t trigger_of(const struct server *s, const struct coap_msg *m, struct account *a)
{
	const struct coap_opt *o;
	uint16_t id[3] = { 0 };
	unsigned it = 0, n = 0;

	if (m->code != COAP_POST || coap_opt_find(m, COAP_OPT_URI_QUERY))
		return 0;
	while ((o = coap_opt_next(m, COAP_OPT_URI_PATH, &it)))
		if (n == 3 || num_parse_u16((const char *)o->val, o->len, &id[n++]))
			return 0;
	if (n != 3 || id[0] != OID_SERVER || server_account(s, a) || id[1] != a->instance)
		return 0;
	return id[2] == RES_UPDATE || id[2] == RES_BOOTSTRAP ? id[2] : 0;
}

/* Without a registration it does not wait for the end of a pause. */
static void update(struct server *s)
{
	if (s->state == SERVER_RETRYING) {
		s->pause_ms = 0;
		s->due_ms = client_now(s->client);
	}
	regist_want(s, WANT_UPDATE, 0);
}

/* Was it heard? A server that is disabled, or whose triggers are not wanted, is not. */
static bool heed(struct server *s, uint16_t rid, const struct account *a)
{
	struct client *c = s->client;

	if (!a->trigger || s->state == SERVER_STOPPED || s->state == SERVER_DISABLED ||
		s->state == SERVER_DEREGISTERING) {
		log_info(SERVER_LOG(s), "server %u: trigger by SMS ignored", s->ssid);
		return false;
	}
	log_info(SERVER_LOG(s), "server %u: %s trigger by SMS", s->ssid,
		rid == RES_UPDATE ? "registration update" : "bootstrap");
	if (rid == RES_UPDATE)
		update(s);
	else if (c->hooks->bootstrap_trigger)
		c->hooks->bootstrap_trigger(c->ud, c, s->ssid);
	return true;
}

static void on_push(void *ud, const struct coap_msg *req)
{
	struct server *s = ud;
	struct account a;
	uint16_t rid = trigger_of(s, req, &a);

	if (rid)
		heed(s, rid, &a);
	else
		log_info(SERVER_LOG(s), "server %u: push that is no trigger ignored", s->ssid);
	server_leave(s);
}

static void on_request(void *ud, struct exchange *x, const struct coap_msg *req)
{
	struct server *s = ud;
	struct account a;
	uint16_t rid = trigger_of(s, req, &a);

	if (!rid && bound(s)) {
		serve_request(s, x, req);
		return;
	}
	if (rid && heed(s, rid, &a) && req->type == COAP_CON)
		reply_status(x, LGW_OK, COAP_204);
	else
		exchange_ignore(x);
	server_leave(s);
}

static bool on_body(void *ud, const struct coap_msg *first, struct body_sink *sink)
{
	return bound(ud) && serve_body(ud, first, sink);
}

/* --- up and down ---------------------------------------------------------------------------- */

static void on_event(void *ud, enum session_event ev, int err)
{
	struct server *s = ud;

	if (ev == SESSION_ALERT) {
		account_alert(s->client->objects, s->ssid, (uint8_t)err);
		return;
	}
	if (s->session == s->sms) {
		regist_link(s, ev == SESSION_UP, err);
	} else if (ev == SESSION_DOWN && !s->conf->p.account.sms_cred) {
		session_open(s->sms); /* costs nothing: it waits for the modem */
	}
	if (ev == SESSION_UP)
		report_resume(s);
	server_leave(s);
}

/* Short messages are no traffic of object 7. */
static void on_traffic(void *ud, bool sent, size_t bytes)
{
	(void)sent;
	(void)bytes;
	queue_mode_awake(ud);
}

const struct session_handler sms_handler = {
	.request = on_request,
	.push = on_push,
	.event = on_event,
	.body = on_body,
	.traffic = on_traffic,
};
