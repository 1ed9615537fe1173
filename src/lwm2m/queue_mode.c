/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/queue_mode.h"
#include <string.h>
#include "lwm2m/server.h"

LOG_MODULE("lwm2m");

/* MAX_TRANSMIT_WAIT: a server that saw our last message has given up its own last one by then. */
static int64_t window_ms(const struct server *s)
{
	const struct server_params *p = &s->conf->p;
	const struct session_params *t = s->session == s->sms ? &p->sms : &p->session;
	int64_t flights = (1ll << (t->max_retransmit + 1)) - 1;

	return p->awake_ms ? p->awake_ms : t->ack_timeout_ms * flights * t->ack_random_pct / 100;
}

void queue_mode_told(struct server *s)
{
	struct account a;

	s->queue = !server_account(s, &a) && a.binding && strchr(a.binding, 'Q');
	s->sleep_ms = NEVER;
	queue_mode_awake(s);
}

/* The timer follows when it fires: not with each message. */
void queue_mode_awake(struct server *s)
{
	bool slept = s->sleep_ms == NEVER;

	if (!s->queue)
		return;
	s->sleep_ms = client_now(s->client) + window_ms(s);
	if (slept)
		server_arm(s);
}

void queue_mode_due(struct server *s)
{
	s->sleep_ms = NEVER;
	if (s->doing != DOING_NOTHING) { /* an answer is waited for */
		queue_mode_awake(s);
		return;
	}
	log_debug(SERVER_LOG(s), "server %u: asleep", s->ssid);
	session_rest(s->ip);
	session_rest(s->sms);
}

void queue_mode_end(struct server *s)
{
	s->queue = false;
	s->sleep_ms = NEVER;
}

bool queue_mode_asleep(const struct server *s)
{
	return s->queue && s->sleep_ms == NEVER;
}
