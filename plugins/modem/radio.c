/* SPDX-License-Identifier: BSD-3-Clause */
#include "radio.h"

#include <stdio.h>
#include <string.h>
#include "state.h"

enum { RES_SMSC = 0, RES_OFF = 1, RES_SAVING = 12, OFF_MAX = 65535 };

#define MINUTE_MS 60000
#define ANSWER_MS 1000 /* the answer to the server leaves first */
#define HOLD_MAX  30   /* times of it, while messages wait */
#define KEPT_OFF  "radio"
#define KEPT_SMSC "smsc"

/* --- what is told and kept -------------------------------------------------------------------- */

static void tell_smsc(struct modem *m)
{
	const char *text = *m->radio.smsc ? m->radio.smsc : m->radio.seen;
	struct lgw_setting s = { LGW_CELLULAR_CONNECTIVITY, 0, RES_SMSC, LGW_SINGLE,
		{ *text ? LGW_TEXT : LGW_NULL, { .s = { text, strlen(text) } } } };

	m->host->cellular_set(m->host, &s, 1);
}

static void tell_off(struct modem *m)
{
	struct lgw_setting s = { LGW_CELLULAR_CONNECTIVITY, 0, RES_OFF, LGW_SINGLE,
		{ LGW_INT, { .i = m->radio.until_ms ? m->radio.period_ms / MINUTE_MS : 0 } } };

	m->host->cellular_set(m->host, &s, 1);
}

/* Power saving modes that we can be told to use: none, since ModemManager knows of none. */
static void tell_saving(struct modem *m)
{
	struct lgw_setting s = { LGW_CELLULAR_CONNECTIVITY, 0, RES_SAVING, LGW_SINGLE,
		{ LGW_INT, { .i = 0 } } };

	m->host->cellular_set(m->host, &s, 1);
}

static void keep_off(struct modem *m)
{
	int64_t is[2] = { m->radio.until_ms, m->radio.period_ms };

	m->host->keep(m->host, KEPT_OFF, m->radio.until_ms ? is : NULL, sizeof(is));
}

/* --- off, and on again ------------------------------------------------------------------------ */

/* Until it is over. A clock that was set back must not make it longer. */
static int64_t rest_ms(const struct modem *m)
{
	int64_t rest = m->radio.until_ms - m->host->now_wall(m->host);

	return rest < 0 ? 0 : MIN(rest, m->radio.period_ms);
}

static void switch_on(struct modem *m)
{
	bool was = m->radio.off;

	m->radio.until_ms = 0;
	m->radio.off = m->radio.asked = false;
	m->host->timer_set(m->radio.timer, -1);
	keep_off(m);
	tell_off(m);
	if (was)
		machine_step(m);
}

static void due(void *ud)
{
	struct modem *m = ud;

	if (m->radio.off && !rest_ms(m)) {
		switch_on(m);
		return;
	}
	if (!m->radio.off && (m->sending || m->first) && m->radio.held++ < HOLD_MAX) {
		m->host->timer_set(m->radio.timer, ANSWER_MS);
		return;
	}
	m->radio.off = true;
	m->host->timer_set(m->radio.timer, rest_ms(m));
	machine_step(m);
}

static void begin_off(struct modem *m, int64_t minutes)
{
	m->radio.period_ms = minutes * MINUTE_MS;
	m->radio.until_ms = m->host->now_wall(m->host) + m->radio.period_ms;
	m->radio.held = 0;
	m->host->timer_set(m->radio.timer, m->radio.off ? rest_ms(m) : ANSWER_MS);
	keep_off(m);
}

static void powered(GObject *modem, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	bool ok = mm_modem_set_power_state_finish(MM_MODEM(modem), res, &err);
	struct modem *m = call_end(call, NULL);

	if (m) {
		m->radio.busy = false;
		if (!ok)
			m->host->log(m->host, LGW_LOG_WARNING, NULL,
				"the radio is not switched off, only disabled: %s", err->message);
		machine_step(m);
	}
	g_clear_error(&err);
}

static void disabled(GObject *modem, GAsyncResult *res, gpointer call)
{
	struct modem *m;

	mm_modem_disable_finish(MM_MODEM(modem), res, NULL);
	m = call_end(call, NULL);
	if (m) {
		m->radio.busy = false;
		machine_step(m);
	}
}

static void show_off(struct modem *m)
{
	GDateTime *t = g_date_time_new_from_unix_utc(m->radio.until_ms / 1000);
	char *when = t ? g_date_time_format(t, "%Y-%m-%d %H:%M UTC") : NULL;
	char text[120];

	snprintf(text, sizeof(text), "off: a server wants no radio until %s", when ? when : "?");
	machine_show(m, SHOW_COMING, text);
	g_free(when);
	g_clear_pointer(&t, g_date_time_unref);
}

void radio_step(struct modem *m)
{
	MMModemState state = mm_modem_get_state(m->modem);

	if (state >= MM_MODEM_STATE_DISABLED)
		show_off(m);
	if (m->radio.busy || m->enabling || m->scanning)
		return;
	if (state >= MM_MODEM_STATE_ENABLED) {
		m->radio.busy = true;
		mm_modem_disable(m->modem, m->cancel, disabled, call_new(m, NULL));
	} else if (state == MM_MODEM_STATE_DISABLED && !m->radio.asked &&
		   mm_modem_get_power_state(m->modem) == MM_MODEM_POWER_STATE_ON) {
		m->radio.busy = m->radio.asked = true;
		mm_modem_set_power_state(
			m->modem, MM_MODEM_POWER_STATE_LOW, m->cancel, powered, call_new(m, NULL));
	}
	wake();
}

/* --- what servers write ----------------------------------------------------------------------- */

/* Nothing, or digits, a plus in front of an international number. */
static bool smsc_valid(const char *s, size_t len)
{
	size_t plus = len && s[0] == '+';

	if (!len)
		return true;
	if (len - plus < 3 || len - plus > 20)
		return false;
	for (size_t k = plus; k < len; k++)
		if (!g_ascii_isdigit(s[k]))
			return false;
	return true;
}

int radio_check(struct modem *m, const struct lgw_setting *s, size_t n)
{
	(void)m;
	for (size_t k = 0; k < n; k++) {
		const struct lgw_value *v = &s[k].value;

		if (s[k].resource != RES_SMSC && s[k].resource != RES_OFF)
			return LGW_ENOENT;
		if (v->type == LGW_NULL)
			continue;
		if (s[k].resource == RES_SMSC
				? v->type != LGW_TEXT || !smsc_valid(v->u.s.p, v->u.s.len)
				: v->type != LGW_INT || v->u.i < 0 || v->u.i > OFF_MAX)
			return LGW_EINVAL;
	}
	return LGW_OK;
}

static void set_smsc(struct modem *m, const struct lgw_value *v)
{
	size_t len = v->type == LGW_TEXT ? v->u.s.len : 0;

	memset(m->radio.smsc, 0, sizeof(m->radio.smsc));
	if (len)
		memcpy(m->radio.smsc, v->u.s.p, len);
	m->host->keep(m->host, KEPT_SMSC, len ? m->radio.smsc : NULL, sizeof(m->radio.smsc));
}

int radio_apply(struct modem *m, uint64_t id, const struct lgw_setting *s, size_t n)
{
	int r = radio_check(m, s, n);

	(void)id;
	for (size_t k = 0; k < n && !r; k++) {
		if (s[k].resource == RES_SMSC)
			set_smsc(m, &s[k].value);
		else if (s[k].value.type == LGW_INT && s[k].value.u.i)
			begin_off(m, s[k].value.u.i);
		else
			switch_on(m);
	}
	return r;
}

void radio_smsc_seen(struct modem *m, const char *smsc)
{
	if (!smsc || !*smsc || strlen(smsc) >= sizeof(m->radio.seen) ||
		!strcmp(m->radio.seen, smsc))
		return;
	g_strlcpy(m->radio.seen, smsc, sizeof(m->radio.seen));
	tell_smsc(m);
}

/* --- its life --------------------------------------------------------------------------------- */

void radio_begin(struct modem *m)
{
	int64_t was[2];

	m->radio.timer = m->host->timer_new(m->host, due, m);
	if (m->host->kept(m->host, KEPT_SMSC, m->radio.smsc, sizeof(m->radio.smsc)) !=
			sizeof(m->radio.smsc) ||
		!smsc_valid(m->radio.smsc, strnlen(m->radio.smsc, sizeof(m->radio.smsc))))
		memset(m->radio.smsc, 0, sizeof(m->radio.smsc));
	if (m->host->kept(m->host, KEPT_OFF, was, sizeof(was)) == sizeof(was) && was[1] > 0 &&
		was[1] <= (int64_t)OFF_MAX * MINUTE_MS) {
		m->radio.until_ms = was[0];
		m->radio.period_ms = was[1];
		m->radio.off = rest_ms(m) > 0;
		m->host->timer_set(m->radio.timer, rest_ms(m));
		if (!m->radio.off)
			switch_on(m);
	}
	tell_smsc(m);
	tell_off(m);
	tell_saving(m);
}

void radio_end(struct modem *m)
{
	m->host->timer_free(m->radio.timer);
}

void radio_drop(struct modem *m)
{
	m->radio.busy = m->radio.asked = false;
}
