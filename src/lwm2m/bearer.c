/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/client.h"
#include "lwm2m/clients.h"
#include "lwm2m/regist.h"
#include "lwm2m/server.h"

LOG_MODULE("lwm2m");

#define LOOK_MAX 100 /* clients in one turn of the loop */

/* Interface; "": none is there; NULL: whichever the machine chooses. */
static const char *wanted(const struct server *s)
{
	const struct client *c = s->client;
	struct account a;

	if (server_account(s, &a) || a.apn < 0 || !c->hooks->bearer)
		return NULL;
	return c->hooks->bearer(c->ud, s->client, (uint16_t)a.apn);
}

const char *client_interface(const struct client *c, uint16_t ssid)
{
	const struct server *s = server_find(c, ssid);

	return s ? wanted(s) : NULL;
}

void bearer_choose(struct server *s)
{
	const char *interface = wanted(s);

	if (!s->ip || !session_bind(s->ip, interface))
		return;
	if (!interface)
		log_info(SERVER_LOG(s), "server %u is spoken to over any interface", s->ssid);
	else if (*interface)
		log_info(SERVER_LOG(s), "server %u is spoken to over %s", s->ssid, interface);
	else
		log_notice(SERVER_LOG(s), "server %u waits for its data connection", s->ssid);
	session_close(s->ip);
}

/* After a failure it does not wait for the end of the pause. */
void bearer_changed(struct server *s, int64_t delay_ms)
{
	if (s->state == SERVER_RETRYING) {
		s->pause_ms = 0;
		s->due_ms = client_now(s->client) + delay_ms;
	}
	regist_want(s, WANT_UPDATE, delay_ms);
}

void client_bearer_changed(struct client *c, uint16_t profile)
{
	struct account a;

	for (struct server *s = c->servers; s; s = s->next)
		if (!s->retiring && !server_account(s, &a) &&
			(a.apn == profile || (a.apn >= 0 && profile == PATH_ID_NONE)))
			bearer_changed(s, 0);
}

static void look(struct client *c)
{
	for (struct server *s = c->servers; s; s = s->next) {
		if (s->retiring || !s->registered || !session_moved(s->ip))
			continue;
		log_info(SERVER_LOG(s), "server %u: our address is another one by now", s->ssid);
		session_close(s->ip);
		if (s->session == s->ip)
			bearer_changed(s, 0);
	}
}

void bearer_looked(struct client *c)
{
	struct clients *cs = c->env->clients;

	if (!c->look_again)
		return;
	c->look_again = false;
	if (!--cs->look_left)
		timer_del(client_timers(c), &cs->look);
}

/* Each takes some calls of the kernel, and there may be ten thousand. */
static void look_at_some(struct timer *t, void *ud)
{
	struct clients *cs = ud;
	struct client *c;

	for (unsigned n = 0; n < LOOK_MAX && cs->look_left;) {
		c = clients_next(cs, &cs->look_at);
		if (!c)
			cs->look_at = 0; /* clients that came meanwhile moved others in the map */
		if (!c || !c->look_again)
			continue;
		if (++n == LOOK_MAX)
			timer_set(client_timers(c), t, client_now(c) + 1);
		look(c);
		bearer_looked(c);
	}
}

void clients_network_changed(struct clients *cs)
{
	struct client *c;
	size_t it = 0;

	while ((c = clients_next(cs, &it))) {
		cs->look_left += !c->look_again;
		c->look_again = true;
		if (!timer_armed(&cs->look)) {
			timer_init(&cs->look, look_at_some, cs);
			timer_set(client_timers(c), &cs->look, client_now(c));
		}
	}
}
