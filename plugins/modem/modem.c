/* SPDX-License-Identifier: BSD-3-Clause */
/* The plugin: its life, and the calls to ModemManager that are under way. */
#include <stdlib.h>
#include <string.h>
#include "state.h"

/* --- calls ---------------------------------------------------------------------------------- */

struct call *call_new(struct modem *m, void *ud)
{
	struct call *c = g_new(struct call, 1);

	*c = (struct call){ m, m->epoch, false, ud };
	m->pending++;
	return c;
}

struct call *call_new_lasting(struct modem *m, void *ud)
{
	struct call *c = call_new(m, ud);

	c->lasting = true;
	return c;
}

static void finish(struct modem *m)
{
	lgw_stop_fn stopped = m->stopped;
	void *ud = m->stopped_ud;

	if (!stopped || m->pending)
		return;
	g_clear_object(&m->cancel);
	g_free(m);
	stopped(ud);
}

struct modem *call_end(gpointer call, void **ud)
{
	struct call c = *(struct call *)call;

	g_free(call);
	c.m->pending--;
	if (ud)
		*ud = c.ud;
	if (c.m->stopped) {
		finish(c.m);
		return NULL;
	}
	return c.lasting || c.epoch == c.m->epoch ? c.m : NULL;
}

void calls_forget(struct modem *m)
{
	m->epoch++;
	g_cancellable_cancel(m->cancel);
	g_object_unref(m->cancel);
	m->cancel = g_cancellable_new();
	wake();
}

void wake(void)
{
	g_main_context_wakeup(NULL);
}

int64_t now_ms(const struct modem *m)
{
	return m->host->now_mono(m->host);
}

/* --- life ----------------------------------------------------------------------------------- */

static void hold_over(void *ud)
{
	machine_step(ud);
}

static void scan_due(void *ud)
{
	machine_scan(ud);
}

static int start(const struct lgw_host *h, const void *conf, void **state)
{
	struct modem *m = g_new0(struct modem, 1);

	m->host = h;
	m->conf = conf;
	m->cancel = g_cancellable_new();
	m->hold = h->timer_new(h, hold_over, m);
	m->scan = h->timer_new(h, scan_due, m);
	m->inbox_timer = h->timer_new(h, inbox_tick, m);
	m->outbox_timer = h->timer_new(h, outbox_tick, m);
	*state = m;
	budget_load(m);
	outbox_show(m);
	lock_begin(m);
	radio_begin(m);
	selection_begin(m);
	profiles_begin(m, NULL);
	watch_begin(m);
	wake();
	return LGW_OK;
}

/* Another modem is begun with anew; all else changes as it goes. */
static int reload(void *state, const void *conf)
{
	struct modem *m = state;
	const struct modem_conf *old = m->conf, *c = conf;

	if (g_strcmp0(old->device, c->device))
		return LGW_ENOTSUP;
	m->conf = c;
	lock_calm(m);
	if (c->scan_ms != old->scan_ms)
		m->host->timer_set(m->scan, c->scan_ms ? c->scan_ms : -1);
	profiles_begin(m, old);
	machine_step(m);
	outbox_show(m);
	return LGW_OK;
}

static void stop(void *state, lgw_stop_fn done, void *ud)
{
	struct modem *m = state;

	m->ending = true;
	watch_end(m);
	outbox_drop(m);
	profiles_end(m);
	lock_end(m);
	radio_end(m);
	selection_end(m);
	m->host->timer_free(m->hold);
	m->host->timer_free(m->scan);
	m->host->timer_free(m->inbox_timer);
	m->host->timer_free(m->outbox_timer);
	m->stopped = done;
	m->stopped_ud = ud;
	finish(m);
}

static const struct lgw_carrier carrier = {
	.scheme = "sms",
	.unit = 140,
	.mtu = DATA_MAX,
	.send = outbox_add,
};

LGW_PLUGIN const struct lgw_plugin lgw_plugin = {
	.abi = LGW_PLUGIN_ABI,
	.name = "modem",
	.description = "SMS and cellular data by ModemManager",
	.options = modem_options,
	.conf_size = sizeof(struct modem_conf),
	.check = modem_check,
	.start = start,
	.reload = reload,
	.stop = stop,
	.carrier = &carrier,
	.cellular = &modem_cellular,
};
