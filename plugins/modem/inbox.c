/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the modem holds: messages that came are handed on and deleted, whoever sent them, or the
 * storage fills up and nothing comes any more. Looked at whenever something came, and at the begin.
 */
#include <string.h>
#include "state.h"

#define RETRY_MS      500  /* ModemManager is at its storage: not now */
#define INCOMPLETE_MS 5000 /* the missing part may have been missed: look for it */

static struct incoming *find(struct modem *m, const char *path)
{
	for (size_t k = 0; k < m->ninbox; k++)
		if (!strcmp(mm_sms_get_path(m->inbox[k].sms), path))
			return &m->inbox[k];
	return NULL;
}

static void release(struct modem *m, struct incoming *in)
{
	g_signal_handler_disconnect(in->sms, in->changed);
	g_object_unref(in->sms);
	*in = m->inbox[--m->ninbox];
}

void inbox_drop(struct modem *m)
{
	while (m->ninbox)
		release(m, m->inbox);
	m->listing = m->list_again = m->swept = false;
	m->host->timer_set(m->inbox_timer, -1);
}

/* --- deleting, one after the other ------------------------------------------------------------ */

static void delete_next(struct modem *m);

/* The same reason again and again is one line. */
static void told_undeleted(struct modem *m, const char *why)
{
	if (*why && strncmp(m->undeleted, why, sizeof(m->undeleted) - 1) != 0)
		m->host->log(m->host, LGW_LOG_WARNING, NULL, "message not deleted: %s", why);
	g_strlcpy(m->undeleted, why, sizeof(m->undeleted));
}

static void deleted(GObject *messaging, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	bool ok = mm_modem_messaging_delete_finish(MM_MODEM_MESSAGING(messaging), res, &err);
	void *ud;
	struct modem *m = call_end(call, &ud);
	char *path = ud;
	struct incoming *in = m ? find(m, path) : NULL;

	if (m) {
		m->deleting = false;
		if (!ok && g_error_matches(err, MM_CORE_ERROR, MM_CORE_ERROR_RETRY)) {
			m->host->timer_set(m->inbox_timer, RETRY_MS);
		} else {
			told_undeleted(m, ok ? "" : err->message);
			if (in)
				in->deleted = true;
			delete_next(m);
			if (m->ninbox >= INBOX_TIDY)
				inbox_look(m);
		}
	}
	g_clear_error(&err);
	g_free(path);
}

static void delete_next(struct modem *m)
{
	for (size_t k = 0; k < m->ninbox && !m->deleting && m->messaging; k++) {
		const char *path = mm_sms_get_path(m->inbox[k].sms);

		if (!m->inbox[k].done || m->inbox[k].deleted)
			continue;
		m->deleting = true;
		mm_modem_messaging_delete(
			m->messaging, path, m->cancel, deleted, call_new(m, g_strdup(path)));
		wake();
	}
}

/* --- what came ------------------------------------------------------------------------------ */

static void hand_on(struct modem *m, MMSms *sms)
{
	const char *number = mm_sms_get_number(sms);
	gsize len = 0;
	const guint8 *data = mm_sms_get_data(sms, &len);

	radio_smsc_seen(m, mm_sms_get_smsc(sms));
	m->host->count(m->host, "sms.received", 1);
	m->host->messages(m->host, false, 1);
	if (!data || !len || !number || len > DATA_MAX) {
		m->host->count(m->host, "sms.text", 1);
		return;
	}
	if (m->host->carrier_recv(m->host, number, data, len) == LGW_ENOENT) {
		m->host->count(m->host, "sms.foreign", 1);
		m->host->log(m->host, LGW_LOG_DEBUG, number, "message of a stranger deleted");
	}
}

static void changed(GObject *sms, GParamSpec *spec, gpointer ud)
{
	(void)sms;
	(void)spec;
	inbox_look(ud);
}

static struct incoming *add(struct modem *m, MMSms *sms)
{
	struct incoming *in = &m->inbox[m->ninbox++];

	*in = (struct incoming){ .sms = g_object_ref(sms), .first_ms = now_ms(m) };
	in->changed = g_signal_connect(sms, "notify::state", G_CALLBACK(changed), m);
	return in;
}

/* What an earlier life of ours had sent goes with the first look; later ones are outbox.c's. */
static void look_at(struct modem *m, MMSms *sms)
{
	struct incoming *in = find(m, mm_sms_get_path(sms));
	MMSmsPduType type = mm_sms_get_pdu_type(sms);

	if (!in && type == MM_SMS_PDU_TYPE_SUBMIT && m->swept)
		return;
	if (!in && m->ninbox < INBOX_MAX)
		in = add(m, sms);
	if (!in)
		return;
	in->looked = true;
	if (in->done)
		return;
	if (mm_sms_get_state(sms) == MM_SMS_STATE_RECEIVED) {
		in->done = true;
		if (type == MM_SMS_PDU_TYPE_DELIVER)
			hand_on(m, sms);
	} else if (type != MM_SMS_PDU_TYPE_DELIVER) {
		in->done = true;
	}
}

/* Parts may be missing for good; and one may be in the modem that ModemManager missed. */
static void watch_incomplete(struct modem *m)
{
	int64_t now = now_ms(m), next = -1;

	for (size_t k = 0; k < m->ninbox; k++) {
		struct incoming *in = &m->inbox[k];
		int64_t age = now - in->first_ms, due;

		if (in->done)
			continue;
		if (age >= m->conf->parts_ms) {
			in->done = true;
			m->host->count(m->host, "sms.incomplete", 1);
			continue;
		}
		if (age >= INCOMPLETE_MS && age < 2 * INCOMPLETE_MS && m->conf->scan_ms)
			machine_scan(m);
		due = age < INCOMPLETE_MS ? INCOMPLETE_MS - age : m->conf->parts_ms - age;
		due = MIN(due, m->conf->parts_ms - age);
		next = next < 0 ? due : MIN(next, due);
	}
	if (next >= 0)
		m->host->timer_set(m->inbox_timer, next);
}

static int number_of(gconstpointer sms)
{
	const char *path = mm_sms_get_path(MM_SMS((gpointer)sms)), *slash = strrchr(path, '/');

	return slash ? (int)g_ascii_strtoll(slash + 1, NULL, 10) : 0;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
	return number_of(a) - number_of(b);
}

static void listed(GObject *messaging, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	GList *all = mm_modem_messaging_list_finish(MM_MODEM_MESSAGING(messaging), res, &err);
	struct modem *m = call_end(call, NULL);
	unsigned epoch = m ? m->epoch : 0;

	if (m) {
		m->listing = false;
		if (err)
			m->host->log(m->host, LGW_LOG_WARNING, NULL, "messages not listed: %s",
				err->message);
		for (size_t k = 0; k < m->ninbox; k++)
			m->inbox[k].looked = err != NULL;
		all = g_list_sort(all, by_number);
		for (GList *l = all; l; l = l->next)
			look_at(m, l->data);
		for (size_t k = m->ninbox; k-- && epoch == m->epoch;)
			if (!m->inbox[k].looked && (m->inbox[k].deleted || !m->inbox[k].done))
				release(m, &m->inbox[k]);
		m->swept = m->swept || !err;
		watch_incomplete(m);
		delete_next(m);
		if (m->list_again)
			inbox_look(m);
	}
	g_clear_error(&err);
	g_list_free_full(all, g_object_unref);
}

void inbox_delete(struct modem *m, MMSms *sms)
{
	struct incoming *in = find(m, mm_sms_get_path(sms));

	if (!in && m->ninbox < INBOX_MAX)
		in = add(m, sms);
	if (in)
		in->done = true;
	delete_next(m);
}

void inbox_look(struct modem *m)
{
	m->list_again = m->listing;
	if (m->listing || !m->messaging)
		return;
	m->listing = true;
	mm_modem_messaging_list(m->messaging, m->cancel, listed, call_new(m, NULL));
	wake();
}

void inbox_tick(void *ud)
{
	struct modem *m = ud;

	watch_incomplete(m);
	delete_next(m);
}
