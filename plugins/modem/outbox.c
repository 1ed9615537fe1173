/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages of ours: one at a time, within what may be spent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "state.h"

#define WHOLE      140
#define PART       134
#define HOUR_MS    3600000
#define DAY_MS     86400000
#define BUDGET     "sms-budget" /* name of what is kept */
#define STALE_MS   300000       /* a message that could not go by then is worth nothing */
#define TIMEOUT_MS 400000       /* ModemManager itself waits five minutes for a modem */

static int64_t parts_of(size_t len)
{
	return len <= WHOLE ? 1 : (int64_t)((len + PART - 1) / PART);
}

/* --- what may be spent ------------------------------------------------------------------------ */

void budget_load(struct modem *m)
{
	int64_t was[4];

	if (m->host->kept(m->host, BUDGET, was, sizeof(was)) != sizeof(was))
		return;
	m->hour = (struct budget){ .begin_ms = was[0], .used = was[1] };
	m->day = (struct budget){ .begin_ms = was[2], .used = was[3] };
}

static void budget_keep(struct modem *m)
{
	int64_t is[4] = { m->hour.begin_ms, m->hour.used, m->day.begin_ms, m->day.used };

	m->host->keep(m->host, BUDGET, is, sizeof(is));
}

static bool budget_has(struct modem *m, struct budget *b, int64_t span, int64_t max, int64_t n)
{
	int64_t now = m->host->now_wall(m->host);

	if (b->begin_ms > now) /* the clock was set back: the span begins anew, spent is spent */
		b->begin_ms = now;
	if (!b->used || now - b->begin_ms >= span)
		*b = (struct budget){ .begin_ms = now };
	return !max || b->used + n <= max;
}

static void alarm_once(struct modem *m, struct budget *b, const char *span, int64_t max)
{
	char text[160];

	if (b->alarmed)
		return;
	b->alarmed = true;
	snprintf(text, sizeof(text),
		"%lld short messages were sent within %s, the limit: further ones are dropped.",
		(long long)max, span);
	m->host->alarm(m->host, "sms-budget", text);
}

static bool spend(struct modem *m, int64_t n)
{
	const struct modem_conf *c = m->conf;
	bool hour = budget_has(m, &m->hour, HOUR_MS, c->per_hour, n);
	bool day = budget_has(m, &m->day, DAY_MS, c->per_day, n);

	if (!hour)
		alarm_once(m, &m->hour, "an hour", c->per_hour);
	if (!day)
		alarm_once(m, &m->day, "a day", c->per_day);
	if (!hour || !day)
		return false;
	m->hour.used += n;
	m->day.used += n;
	budget_keep(m);
	return true;
}

void outbox_show(struct modem *m)
{
	char text[400];

	snprintf(text, sizeof(text),
		"%lld sent this hour (limit %lld), %lld today (limit %lld)%s%s",
		(long long)m->hour.used, (long long)m->conf->per_hour, (long long)m->day.used,
		(long long)m->conf->per_day, *m->unsent ? "; not sent: " : "", m->unsent);
	m->host->state(m->host, "sms", !m->hour.alarmed && !m->day.alarmed && !*m->unsent, text);
}

/* --- one message ------------------------------------------------------------------------------ */

static void next(struct modem *m)
{
	m->sending = false;
	outbox_run(m);
}

/* err: why not. The same reason again and again is one line. */
static void account_for(struct modem *m, bool ok, int parts, const GError *err)
{
	const char *why = ok ? "" : err ? err->message : "?";

	if (!ok && strncmp(m->unsent, why, sizeof(m->unsent) - 1) != 0)
		m->host->log(m->host, LGW_LOG_WARNING, NULL, "message not sent: %s", why);
	g_strlcpy(m->unsent, why, sizeof(m->unsent));
	outbox_show(m);
	m->host->count(m->host, ok ? "sms.sent" : "sms.failed", parts);
	if (ok)
		m->host->messages(m->host, true, (unsigned)parts);
	m->failing = !ok;
	facts_show(m);
}

static void sent(GObject *object, GAsyncResult *res, gpointer call)
{
	MMSms *sms = MM_SMS(object);
	GError *err = NULL;
	bool ok = mm_sms_send_finish(sms, res, &err);
	void *ud;
	struct modem *m = call_end(call, &ud);

	if (m) {
		account_for(m, ok, GPOINTER_TO_INT(ud), err);
		inbox_delete(m, sms); /* ModemManager keeps it until it is told not to */
		next(m);
	}
	g_clear_error(&err);
	g_object_unref(sms);
}

static void created(GObject *messaging, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	MMSms *sms = mm_modem_messaging_create_finish(MM_MODEM_MESSAGING(messaging), res, &err);
	void *ud;
	struct modem *m = call_end(call, &ud);

	if (m && sms) {
		g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(sms), TIMEOUT_MS);
		mm_sms_send(g_object_ref(sms), m->cancel, sent, call_new(m, ud));
	} else if (m) {
		account_for(m, false, GPOINTER_TO_INT(ud), err);
		next(m);
	}
	g_clear_object(&sms);
	g_clear_error(&err);
}

static void begin(struct modem *m, const struct outgoing *o)
{
	MMSmsProperties *p = mm_sms_properties_new();

	m->sending = true;
	mm_sms_properties_set_number(p, o->peer);
	mm_sms_properties_set_data(p, o->data, o->len);
	if (*m->radio.smsc)
		mm_sms_properties_set_smsc(p, m->radio.smsc);
	mm_modem_messaging_create(m->messaging, p, m->cancel, created,
		call_new(m, GINT_TO_POINTER((gint)parts_of(o->len))));
	g_object_unref(p);
	wake();
}

/* --- the line --------------------------------------------------------------------------------- */

static struct outgoing *take(struct modem *m)
{
	struct outgoing *o = m->first;

	m->first = o->next;
	if (!m->first)
		m->last = NULL;
	m->noutbox--;
	return o;
}

static bool may_roam(const struct modem *m)
{
	return m->conf->roaming || !m->net ||
	       mm_modem_3gpp_get_registration_state(m->net) !=
		       MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING;
}

void outbox_run(struct modem *m)
{
	while (m->first && !m->sending && !m->scanning && machine_registered(m)) {
		struct outgoing *o = take(m);

		if (now_ms(m) - o->since_ms > STALE_MS || !may_roam(m))
			m->host->count(m->host, "sms.dropped", 1);
		else if (!spend(m, parts_of(o->len)))
			m->host->count(m->host, "sms.over_budget", 1);
		else
			begin(m, o);
		g_free(o);
	}
	outbox_show(m);
}

/* Not from within the host's own call. */
void outbox_tick(void *ud)
{
	outbox_run(ud);
}

int outbox_add(void *state, const char *peer, const void *p, size_t len)
{
	struct modem *m = state;
	struct outgoing *o;

	if (m->noutbox >= OUTBOX_MAX) {
		m->host->count(m->host, "sms.dropped", 1);
		return LGW_ENOMEM;
	}
	o = g_malloc0(sizeof(*o) + len);
	o->since_ms = now_ms(m);
	o->len = len;
	g_strlcpy(o->peer, peer, sizeof(o->peer));
	memcpy(o->data, p, len);
	if (m->last)
		m->last->next = o;
	else
		m->first = o;
	m->last = o;
	m->noutbox++;
	m->host->timer_set(m->outbox_timer, 0);
	return LGW_OK;
}

void outbox_drop(struct modem *m)
{
	while (m->first)
		g_free(take(m));
}
