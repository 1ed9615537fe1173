/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The states of the modem, from absent to connected, and what leads to the next one: enable,
 * scan, wait for the network. ModemManager tells of every change; each makes one step.
 */
#include <stdio.h>
#include <string.h>
#include "state.h"

#define SCAN_SOON_MS 100
#define NETWORK_MS   300000
#define PAUSE_MS     5000 /* until it is tried to be enabled again */

void machine_show(struct modem *m, enum show how, const char *text)
{
	if (!strcmp(m->shown, text) || m->ending ||
		(m->lock.looking && how != SHOW_FINE && !m->stuck))
		return;
	g_strlcpy(m->shown, text, sizeof(m->shown));
	m->host->log(
		m->host, how == SHOW_BAD ? LGW_LOG_WARNING : LGW_LOG_INFO, NULL, "modem %s", text);
	m->host->state(m->host, "modem", how == SHOW_FINE, text);
}

bool machine_registered(const struct modem *m)
{
	return m->modem && m->messaging && !m->stuck &&
	       mm_modem_get_state(m->modem) >= MM_MODEM_STATE_REGISTERED;
}

/* --- the carrier ---------------------------------------------------------------------------- */

/* Our number: configured, or the SIM's. */
static const char *own_number(struct modem *m)
{
	const gchar *const *numbers = m->modem ? mm_modem_get_own_numbers(m->modem) : NULL;

	if (m->conf->number)
		return m->conf->number;
	if (numbers && numbers[0] && *numbers[0] && strlen(numbers[0]) < sizeof(m->own))
		return numbers[0];
	return m->own; /* the last one: the modem may be back */
}

/* The network is lost, and there is no knowing whether the SIM is: it may be gone, or another one.
 * A modem that is enabled anew finds that out, for which one scan comes early. */
static void look_soon(struct modem *m)
{
	if (!m->modem || m->stuck || !m->is_up || m->scanning)
		return;
	if (!m->conf->scan_ms || !m->conf->sim_retry_ms)
		return;
	m->scan_early = true;
	m->host->timer_set(m->scan, m->conf->sim_retry_ms);
}

/* It is back before that. */
static void look_later(struct modem *m)
{
	int64_t rest = m->scanned_ms + m->conf->scan_ms - now_ms(m);

	if (m->scan_early)
		m->host->timer_set(m->scan, MAX(rest, SCAN_SOON_MS));
	m->scan_early = false;
}

static void show_carrier(struct modem *m)
{
	const char *own = own_number(m);
	struct lgw_carrier_state state = { .pause_ms = (uint32_t)m->conf->repeat_ms };
	bool registered = machine_registered(m);
	int64_t now = now_ms(m);

	if (registered) {
		m->held_ms = 0;
		look_later(m);
	} else if (!m->held_ms) {
		m->held_ms = now;
		look_soon(m);
	}
	/* What is to be sent waits a while for the network, or for the end of a scan. */
	state.up = registered || (m->is_up && m->messaging && now - m->held_ms < m->conf->hold_ms);
	if (state.up && !registered)
		m->host->timer_set(m->hold, m->held_ms + m->conf->hold_ms - now);
	if (state.up != m->is_up || g_strcmp0(m->own, own)) {
		if (own != m->own)
			g_strlcpy(m->own, own, sizeof(m->own));
		state.own = *m->own ? m->own : NULL;
		m->is_up = state.up;
		m->host->carrier_state(m->host, &state);
	}
	if (registered)
		outbox_run(m);
}

/* --- enable, and disable for a moment: the scan ----------------------------------------------- */

static void enabled(GObject *modem, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	bool ok = mm_modem_enable_finish(MM_MODEM(modem), res, &err);
	struct modem *m = call_end(call, NULL);
	char text[200];

	if (m) {
		m->enabling = m->scanning = false;
		if (!ok) {
			snprintf(text, sizeof(text), "disabled: it cannot be enabled, %s",
				err->message);
			machine_show(m, SHOW_BAD, text);
			m->paused = true;
			m->host->timer_set(m->scan, PAUSE_MS);
		} else if (m->conf->scan_ms) {
			m->host->timer_set(m->scan, m->conf->scan_ms);
		}
		machine_step(m);
		inbox_look(m);
	}
	g_clear_error(&err);
}

static void enable(struct modem *m)
{
	if (m->enabling)
		return;
	m->enabling = true;
	mm_modem_enable(m->modem, m->cancel, enabled, call_new(m, NULL));
	wake();
}

static void disabled(GObject *modem, GAsyncResult *res, gpointer call)
{
	struct modem *m;

	mm_modem_disable_finish(MM_MODEM(modem), res, NULL);
	m = call_end(call, NULL);
	if (m)
		enable(m);
}

/* A data connection is interrupted only after a long time, and none of somebody else. */
static bool may_interrupt(const struct modem *m)
{
	return m->conf->scan_data_ms && now_ms(m) - m->scanned_ms >= m->conf->scan_data_ms &&
	       bearers_all_ours(m);
}

/* When to look whether it may be, at the latest. */
static int64_t next_scan(const struct modem *m)
{
	int64_t rest = m->scanned_ms + m->conf->scan_data_ms - now_ms(m);

	return m->conf->scan_data_ms && rest > 0 ? MIN(rest, m->conf->scan_ms) : m->conf->scan_ms;
}

/* A modem that is enabled lists what it holds: that finds messages whose arrival was missed.
 * Nothing is disturbed that is on its way; while data is carried the scan waits for a gap. */
void machine_scan(struct modem *m)
{
	MMModemState state = m->modem ? mm_modem_get_state(m->modem) : MM_MODEM_STATE_UNKNOWN;

	m->paused = false;
	if (m->radio.off)
		return;
	if (state == MM_MODEM_STATE_DISABLED) {
		enable(m);
		return;
	}
	if (m->scanning || m->enabling || !m->conf->scan_ms)
		return;
	if (m->sending || bearers_busy(m)) {
		m->host->timer_set(m->scan, SCAN_SOON_MS);
		return;
	}
	if (state < MM_MODEM_STATE_ENABLED ||
		(state > MM_MODEM_STATE_REGISTERED && !may_interrupt(m))) {
		m->scan_wanted = state > MM_MODEM_STATE_REGISTERED;
		m->host->timer_set(m->scan, next_scan(m));
		return;
	}
	m->scanning = true;
	m->scan_wanted = m->scan_early = false;
	m->scanned_ms = now_ms(m);
	m->host->count(m->host, "scans", 1);
	mm_modem_disable(m->modem, m->cancel, disabled, call_new(m, NULL));
	wake();
}

/* --- one step ------------------------------------------------------------------------------- */

static void show_registered(struct modem *m, bool connected)
{
	MMModemAccessTechnology tech = mm_modem_get_access_technologies(m->modem);
	const char *name = m->net ? mm_modem_3gpp_get_operator_name(m->net) : NULL;
	const char *code = m->net ? mm_modem_3gpp_get_operator_code(m->net) : NULL;
	bool roaming = m->net && mm_modem_3gpp_get_registration_state(m->net) ==
					 MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING;
	char *words = mm_modem_access_technology_build_string_from_mask(tech);
	char text[200];

	snprintf(text, sizeof(text), "%s%s: %s (%s), %s", connected ? "connected" : "registered",
		roaming ? ", roaming" : "", name ? name : "?", code ? code : "?", words);
	g_free(words);
	machine_show(m, SHOW_FINE, text);
}

static bool is_denied(const struct modem *m)
{
	return m->net && mm_modem_3gpp_get_registration_state(m->net) ==
				 MM_MODEM_3GPP_REGISTRATION_STATE_DENIED;
}

static void show(struct modem *m, MMModemState state)
{
	switch (state) {
	case MM_MODEM_STATE_FAILED:
	case MM_MODEM_STATE_LOCKED:
		lock_step(m, state);
		break;
	case MM_MODEM_STATE_ENABLED:
	case MM_MODEM_STATE_SEARCHING:
		if (m->scanning)
			break;
		if (is_denied(m))
			machine_show(m, SHOW_BAD, "denied: the network refuses the SIM");
		else
			machine_show(m, SHOW_COMING, "searching");
		break;
	case MM_MODEM_STATE_REGISTERED:
	case MM_MODEM_STATE_DISCONNECTING:
	case MM_MODEM_STATE_CONNECTING:
	case MM_MODEM_STATE_CONNECTED:
		show_registered(m, state == MM_MODEM_STATE_CONNECTED);
		break;
	default:
		if (!m->scanning && !m->paused)
			machine_show(m, SHOW_COMING, "starting");
	}
}

static void on_sms(MMModemMessaging *messaging, const char *path, gboolean received, gpointer ud)
{
	(void)messaging;
	(void)path;
	if (received)
		inbox_look(ud);
}

static void on_change(GObject *object, GParamSpec *spec, gpointer ud)
{
	(void)object;
	(void)spec;
	machine_step(ud);
}

static void unwatch(struct modem *m, gpointer object)
{
	if (object)
		g_signal_handlers_disconnect_by_data(object, m);
}

/* Interfaces come after the modem, and go and come again when its SIM was unlocked. */
static void find_interfaces(struct modem *m)
{
	MMModem3gpp *net = mm_object_peek_modem_3gpp(m->object);
	MMModemMessaging *messaging = mm_object_peek_modem_messaging(m->object);

	if (net != m->net) {
		unwatch(m, m->net);
		g_set_object(&m->net, net);
		if (net) {
			/* Registering and scanning take their time. */
			g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(net), NETWORK_MS);
			g_signal_connect(net, "notify", G_CALLBACK(on_change), m);
		}
	}
	if (messaging != m->messaging) {
		unwatch(m, m->messaging);
		inbox_drop(m);
		g_set_object(&m->messaging, messaging);
		if (messaging)
			g_signal_connect(messaging, "added", G_CALLBACK(on_sms), m);
		if (mm_modem_get_state(m->modem) >= MM_MODEM_STATE_ENABLED)
			inbox_look(m); /* it tells nothing of what is there already */
	}
}

void machine_step(struct modem *m)
{
	MMModemState state;

	if (m->modem) {
		find_interfaces(m);
		state = mm_modem_get_state(m->modem);
		lock_settle(m, state);
		if (!m->stuck && (!m->radio.off || state < MM_MODEM_STATE_DISABLED))
			show(m, state);
		if (m->radio.off)
			radio_step(m);
		else if (state == MM_MODEM_STATE_DISABLED && !m->scanning && !m->paused &&
			 !m->radio.busy)
			enable(m);
	}
	show_carrier(m);
	selection_step(m);
	if (m->scan_wanted && mm_modem_get_state(m->modem) == MM_MODEM_STATE_REGISTERED)
		machine_scan(m);
	bearers_step(m);
	facts_show(m);
}

void machine_begin(struct modem *m)
{
	m->modem = mm_object_get_modem(m->object);
	m->scanned_ms = now_ms(m);
	g_signal_connect(m->modem, "notify", G_CALLBACK(on_change), m);
	m->host->log(m->host, m->lock.looking ? LGW_LOG_DEBUG : LGW_LOG_INFO, NULL,
		"modem %s: %s %s", mm_modem_get_path(m->modem), mm_modem_get_manufacturer(m->modem),
		mm_modem_get_model(m->modem));
	if (m->conf->scan_ms)
		m->host->timer_set(m->scan, m->conf->scan_ms);
	m->host->messages(m->host, true, 0); /* the counters are there */
	machine_step(m);
}

void machine_end(struct modem *m, const char *why)
{
	calls_forget(m);
	inbox_drop(m);
	bearers_drop(m);
	facts_drop(m);
	lock_drop(m);
	radio_drop(m);
	selection_drop(m);
	unwatch(m, m->modem);
	unwatch(m, m->net);
	unwatch(m, m->messaging);
	g_clear_object(&m->modem);
	g_clear_object(&m->net);
	g_clear_object(&m->messaging);
	m->scan_wanted = m->scan_early = m->enabling = m->scanning = m->paused = m->sending =
		m->deleting = false;
	m->host->timer_set(m->scan, -1);
	m->host->timer_set(m->hold, -1);
	machine_show(m, SHOW_BAD, why);
	show_carrier(m);
	facts_show(m);
}
