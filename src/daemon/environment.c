/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon/environment.h"

#include <stdlib.h>
#include <string.h>
#include "config.h"
#include "machine/net.h"
#include "machine/sys.h"
#include "util/mem.h"

#define MEMORY_MS        60000
#define NETWORK_DELAY_MS 500

struct environment {
	struct loop *loop;
	struct gateway *gateway;
	const char *(*interface)(void *ud);
	void *ud;
	struct sys_facts facts;
	struct timer memory, network;
	bool changed;          /* the network, since it was told last */
	struct net_watch *net; /* or NULL: looked at from time to time only */
};

static void arm(struct environment *e, struct timer *t, int64_t ms)
{
	struct timers *ts = loop_timers(e->loop);

	timer_set(ts, t, timers_now(ts) + ms);
}

static void show_memory(struct timer *t, void *ud)
{
	struct environment *e = ud;
	struct sys_state s;

	if (!sys_state_read(&s))
		gateway_self_memory(e->gateway, s.mem_free_kb, s.mem_total_kb);
	arm(e, t, MEMORY_MS);
}

/* Addresses come one by one when an interface goes up: a moment later they are told together. */
static void network_changed(void *ud)
{
	struct environment *e = ud;

	e->changed = true;
	arm(e, &e->network, NETWORK_DELAY_MS);
}

static void show_network(struct timer *t, void *ud)
{
	struct environment *e = ud;
	struct connectivity c = { .cell = -1, .area = -1, .mcc = -1, .mnc = -1 };
	const char *interface = e->interface(e->ud);
	bool modem = interface && !strcmp(interface, "modem");
	struct net_state s;

	arm(e, t, MEMORY_MS); /* the signal changes without a word */
	if (e->changed)
		gateway_network_changed(e->gateway);
	e->changed = false;
	if (net_state_read(modem ? NULL : interface, &s))
		return;
	c.bearer = modem || !*s.interface ? -1 : s.wireless ? BEARER_WLAN : BEARER_ETHERNET;
	if (s.has_ethernet)
		c.available[c.navailable++] = BEARER_ETHERNET;
	if (s.has_wlan)
		c.available[c.navailable++] = BEARER_WLAN;
	c.signal_dbm = s.signal_dbm;
	memcpy(c.addresses, s.addresses, sizeof(c.addresses));
	memcpy(c.routers, s.routers, sizeof(c.routers));
	c.naddresses = s.naddresses;
	c.nrouters = s.nrouters;
	gateway_self_network(e->gateway, &c);
}

static const char *or_else(const char *a, const char *b)
{
	return a && *a ? a : b && *b ? b : NULL;
}

void environment_facts(const struct environment *e, const char *machine_id, struct device_facts *f)
{
	f->manufacturer = or_else(f->manufacturer, e->facts.manufacturer);
	f->model = or_else(f->model, e->facts.model);
	f->serial = or_else(f->serial, or_else(e->facts.serial, machine_id));
	f->hardware_version = or_else(NULL, e->facts.hardware_version);
	f->firmware_version = or_else(NULL, e->facts.os);
	f->software_version = PACKAGE_VERSION;
	f->timezone = or_else(NULL, e->facts.timezone);
}

struct environment *environment_new(struct loop *loop)
{
	struct environment *e = xcalloc(1, sizeof(*e));

	e->loop = loop;
	timer_init(&e->memory, show_memory, e);
	timer_init(&e->network, show_network, e);
	sys_facts_read(&e->facts);
	return e;
}

void environment_watch(
	struct environment *e, struct gateway *g, const char *(*interface)(void *ud), void *ud)
{
	e->gateway = g;
	e->interface = interface;
	e->ud = ud;
	arm(e, &e->memory, 0);
	arm(e, &e->network, 0);
	e->net = net_watch_new(e->loop, network_changed, e);
}

void environment_free(struct environment *e)
{
	if (!e)
		return;
	timer_del(loop_timers(e->loop), &e->memory);
	timer_del(loop_timers(e->loop), &e->network);
	net_watch_free(e->net);
	free(e);
}
