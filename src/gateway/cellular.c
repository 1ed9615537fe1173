/* SPDX-License-Identifier: BSD-3-Clause */
/* What the machine tells of its network and what a modem tells of its own, together in /4/0. */
#include <limits.h>
#include "gateway/state.h"
#include "lwm2m/clients.h"

enum { ERROR_SIGNAL = 4, ERROR_SMS = 6, ERROR_IP = 7 }; /* of /3/0/11 */

static void show(struct gateway *g)
{
	struct connectivity c = g->network;
	const struct lgw_cellular *m = &g->cellular;

	if (!g->self)
		return;
	c.cell = c.area = c.mcc = c.mnc = -1;
	if (m->registered) {
		if (c.navailable < CONN_MAX)
			c.available[c.navailable++] = m->bearer;
		c.cell = m->cell;
		c.area = m->area;
		c.mcc = m->mcc;
		c.mnc = m->mnc;
		for (; c.napns < LGW_APNS_MAX && *m->apns[c.napns]; c.napns++)
			c.apns[c.napns] = m->apns[c.napns];
	}
	/* Where nothing else carries, or where it is wanted. */
	if (m->registered && c.bearer < 0) {
		c.bearer = m->bearer;
		c.signal_dbm = m->signal_dbm;
		c.has_quality = m->quality != INT_MIN;
		c.has_snr = m->snr != INT_MIN;
		c.quality = m->quality;
		c.snr = m->snr;
	}
	/* There is always one: the last, while none carries. */
	if (c.bearer >= 0)
		g->bearer = c.bearer;
	c.bearer = g->bearer;
	if (c.bearer >= 0)
		object_connectivity_set(client_objects(g->self->client), &c);
}

void gateway_network_changed(struct gateway *g)
{
	clients_network_changed(g->env->clients);
}

void gateway_self_network(struct gateway *g, const struct connectivity *c)
{
	g->network = *c;
	show(g);
}

void gateway_self_cellular(struct gateway *g, const struct lgw_cellular *c)
{
	g->cellular = *c;
	show(g);
	if (!g->self)
		return;
	client_error(g->self->client, ERROR_SIGNAL, c->registered && c->weak);
	client_error(g->self->client, ERROR_SMS, c->failing);
	client_error(g->self->client, ERROR_IP, c->offline);
}

void gateway_self_messages(struct gateway *g, bool sent, unsigned n)
{
	if (g->self)
		object_statistics_messages(client_objects(g->self->client), sent, n);
}
