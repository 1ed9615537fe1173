/* SPDX-License-Identifier: BSD-3-Clause */
/* New parameters for a client that runs: accounts are compared by their short server id. */
#include "lwm2m/regist.h"
#include "lwm2m/server.h"
#include "lwm2m/shared.h"
#include "lwm2m/written.h"
#include "util/err.h"
#include "util/str.h"

static const struct server_params *params_of(const struct client_params *p, uint16_t ssid)
{
	for (size_t i = 0; i < p->nservers; i++)
		if (p->servers[i].account.ssid == ssid)
			return &p->servers[i];
	return NULL;
}

/* The account anew: what a server wrote to it goes, since its configuration changed. */
static int renew_account(struct server *s, const struct account *a)
{
	struct objects *o = s->client->objects;
	struct access_grant g[SERVERS_MAX];
	struct account old;
	bool binding = server_account(s, &old) || !str_eq(old.binding, a->binding);
	int r;

	written_account(s->client, s->ssid);
	account_remove(o, s->ssid);
	r = account_add(o, a);
	/* Its own account is its own again. */
	if (r >= 0)
		access_welcome(o, g, server_grants(s->client, g));
	regist_want(s, binding ? WANT_UPDATE | WANT_BINDING : WANT_UPDATE, 0);
	return r < 0 ? r : LGW_OK;
}

static int reconfigure_server(struct server *s, struct server_conf *conf)
{
	struct client *c = s->client;
	int r = LGW_OK;

	if (s->conf == conf) {
		conf_put(c->env->clients, conf);
		return LGW_OK;
	}
	if (!conf_same_session(s->conf, conf)) {
		/* Under other keys nothing more is said with the old ones. */
		server_retire(s, cred_eq(s->conf->p.account.cred, conf->p.account.cred));
		return server_add(c, conf);
	}
	if (!conf_same_account(s->conf, conf))
		r = renew_account(s, &conf->p.account);
	server_renew(s, conf);
	return r;
}

static void retire_missing(struct client *c, const struct client_params *p)
{
	for (struct server *s = c->servers; s; s = s->next)
		if (!s->retiring && !params_of(p, s->ssid)) {
			server_retire(s, true);
			access_forget(c->objects, s->ssid);
		}
}

int client_reconfigure(struct client *c, const struct client_params *p)
{
	struct clients *cs = c->env->clients;
	int r = client_params_check(p), one;

	if (r)
		return r;
	retire_missing(c, p);
	for (size_t i = 0; i < p->nservers; i++) {
		struct server *s = server_find(c, p->servers[i].account.ssid);
		struct server_conf *conf = conf_get(cs, &p->servers[i]);

		one = s ? reconfigure_server(s, conf) : server_add(c, conf);
		r = one ? one : r;
	}
	for (struct server *s = c->servers; s && c->running; s = s->next) {
		one = server_start(s);
		r = one ? one : r;
	}
	one = object_device_set(c->objects, &p->facts);
	return one ? one : r;
}
