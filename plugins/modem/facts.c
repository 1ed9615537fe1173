/* SPDX-License-Identifier: BSD-3-Clause */
/* What the modem knows of its network, for the objects of the gateway's client. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "state.h"

#define SIGNAL_S   10 /* between two measurements */
#define HYSTERESIS 3  /* dB */

/* --- asking for it ---------------------------------------------------------------------------- */

static void located(GObject *location, GAsyncResult *res, gpointer call)
{
	mm_modem_location_setup_finish(MM_MODEM_LOCATION(location), res, NULL);
	call_end(call, NULL);
}

static void measured(GObject *signal, GAsyncResult *res, gpointer call)
{
	mm_modem_signal_setup_finish(MM_MODEM_SIGNAL(signal), res, NULL);
	call_end(call, NULL);
}

static void on_change(GObject *object, GParamSpec *spec, gpointer ud)
{
	(void)object;
	(void)spec;
	facts_show(ud);
}

/* A modem answers only once it is enabled. */
static void set_up(struct modem *m)
{
	if (m->asked || mm_modem_get_state(m->modem) < MM_MODEM_STATE_ENABLED)
		return;
	m->asked = true;
	m->location = mm_object_get_modem_location(m->object);
	m->signal = mm_object_get_modem_signal(m->object);
	if (m->location) {
		g_signal_connect(m->location, "notify::location", G_CALLBACK(on_change), m);
		mm_modem_location_setup(m->location, MM_MODEM_LOCATION_SOURCE_3GPP_LAC_CI, TRUE,
			m->cancel, located, call_new(m, NULL));
	}
	if (m->signal) {
		g_signal_connect(m->signal, "notify", G_CALLBACK(on_change), m);
		mm_modem_signal_setup(m->signal, SIGNAL_S, m->cancel, measured, call_new(m, NULL));
	}
	wake();
}

/* --- what it says ----------------------------------------------------------------------------- */

static int bearer_of(MMModemAccessTechnology tech)
{
	if (tech & (MM_MODEM_ACCESS_TECHNOLOGY_LTE | MM_MODEM_ACCESS_TECHNOLOGY_5GNR))
		return LGW_BEARER_LTE;
	if (tech & (MM_MODEM_ACCESS_TECHNOLOGY_LTE_NB_IOT | MM_MODEM_ACCESS_TECHNOLOGY_LTE_CAT_M))
		return LGW_BEARER_NB_IOT;
	if (tech & (MM_MODEM_ACCESS_TECHNOLOGY_UMTS | MM_MODEM_ACCESS_TECHNOLOGY_HSDPA |
			   MM_MODEM_ACCESS_TECHNOLOGY_HSUPA | MM_MODEM_ACCESS_TECHNOLOGY_HSPA |
			   MM_MODEM_ACCESS_TECHNOLOGY_HSPA_PLUS))
		return LGW_BEARER_WCDMA;
	return LGW_BEARER_GSM;
}

/* ModemManager says so what it does not know. */
static int decibels(double v)
{
	return v < -200 || v > 200 ? INT_MIN : (int)lrint(v);
}

/* The measure that goes with the bearer, and below what it is weak. */
static void measure(struct modem *m, struct lgw_cellular *c)
{
	double v = MM_SIGNAL_UNKNOWN, weak = -105;
	MMSignal *s = NULL;

	if (m->signal && c->bearer == LGW_BEARER_GSM && (s = mm_modem_signal_peek_gsm(m->signal)))
		v = mm_signal_get_rssi(s);
	else if (m->signal && c->bearer == LGW_BEARER_WCDMA &&
		 (s = mm_modem_signal_peek_umts(m->signal)))
		v = mm_signal_get_rscp(s);
	else if (m->signal && (s = mm_modem_signal_peek_lte(m->signal))) {
		v = mm_signal_get_rsrp(s);
		weak = -115;
	}
	if (s && c->bearer != LGW_BEARER_GSM && c->bearer != LGW_BEARER_WCDMA) {
		c->quality = decibels(mm_signal_get_rsrq(s));
		c->snr = decibels(mm_signal_get_snr(s));
	}
	if (v < -200 || v > 0)
		return;
	c->signal_dbm = (int)lrint(v);
	c->weak = v < weak + (m->cellular.weak ? HYSTERESIS : 0);
}

static void locate(struct modem *m, struct lgw_cellular *c)
{
	MMLocation3gpp *l = m->location ? mm_modem_location_peek_signaled_3gpp(m->location) : NULL;
	const char *code = m->net ? mm_modem_3gpp_get_operator_code(m->net) : NULL;
	gulong lac, tac;
	char mcc[4];

	if (code && strlen(code) >= 5) { /* three digits, then two or three */
		g_strlcpy(mcc, code, sizeof(mcc));
		c->mcc = (int)g_ascii_strtoll(mcc, NULL, 10);
		c->mnc = (int)g_ascii_strtoll(code + 3, NULL, 10);
	}
	if (!l)
		return;
	lac = mm_location_3gpp_get_location_area_code(l);
	tac = mm_location_3gpp_get_tracking_area_code(l);
	c->cell = (int64_t)mm_location_3gpp_get_cell_id(l);
	c->area = (int64_t)(tac ? tac : lac);
}

static void connections(const struct modem *m, struct lgw_cellular *c)
{
	size_t n = 0;

	c->offline = bearers_failing(m);
	for (size_t k = 0; k < PROFILES_MAX && n < LGW_APNS_MAX; k++)
		if (m->profiles[k].connected && *m->profiles[k].c.apn)
			g_strlcpy(c->apns[n++], m->profiles[k].c.apn, LGW_APN_MAX);
}

void facts_show(struct modem *m)
{
	struct lgw_cellular c;

	memset(&c, 0, sizeof(c));
	c.bearer = c.mcc = c.mnc = -1;
	c.cell = c.area = -1;
	c.quality = c.snr = INT_MIN;
	c.failing = m->failing || m->lock.bad;
	if (m->modem)
		set_up(m);
	if (machine_registered(m)) {
		c.registered = true;
		c.bearer = bearer_of(mm_modem_get_access_technologies(m->modem));
		measure(m, &c);
		locate(m, &c);
	}
	connections(m, &c);
	if (m->told && !memcmp(&c, &m->cellular, sizeof(c)))
		return;
	m->cellular = c;
	m->told = true;
	m->host->cellular(m->host, &c);
}

void facts_drop(struct modem *m)
{
	if (m->location)
		g_signal_handlers_disconnect_by_data(m->location, m);
	if (m->signal)
		g_signal_handlers_disconnect_by_data(m->signal, m);
	g_clear_object(&m->location);
	g_clear_object(&m->signal);
	m->asked = false;
}
