/* SPDX-License-Identifier: BSD-3-Clause */
#include "lock.h"

#include <stdio.h>
#include <string.h>
#include "state.h"

#define NOTE    "pin"
#define KEEP_MS 1500  /* until what is kept is on the disk */
#define LOOK_MS 60000 /* until a modem that looks again is back */

/* --- what was tried --------------------------------------------------------------------------- */

/* How often the PIN, or its PUK, may be wrong yet; < 0: the modem does not tell. */
static int64_t tries_left(struct modem *m, MMModemLock lock)
{
	MMUnlockRetries *r = mm_modem_get_unlock_retries(m->modem);
	guint n = r ? mm_unlock_retries_get(r, lock) : MM_UNLOCK_RETRIES_UNKNOWN;

	g_clear_object(&r);
	return n == MM_UNLOCK_RETRIES_UNKNOWN ? -1 : (int64_t)n;
}

/* One card, or a modem that does not say which it has, and the configured PIN. */
static void digest_of(struct modem *m, char out[PIN_DIGEST])
{
	const char *id = mm_sim_get_identifier(m->lock.sim);
	char *hex;

	if (!id || !*id)
		id = mm_modem_get_equipment_identifier(m->modem);
	hex = g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)(id ? id : ""),
		id ? strlen(id) : 0, m->conf->pin, -1);
	memcpy(out, hex, PIN_DIGEST);
	g_free(hex);
}

static void keep(struct modem *m)
{
	m->host->keep(m->host, NOTE, &m->lock.note, sizeof(m->lock.note));
}

/* Tried already. Fewer attempts than before show that the SIM counts them; more than that, later,
 * that somebody unlocked it since: what was wrong another day may be right by now. */
static bool was_tried(struct modem *m, int64_t left)
{
	struct pin_note *n = &m->lock.note;
	char digest[PIN_DIGEST];

	digest_of(m, digest);
	if (memcmp(digest, n->digest, PIN_DIGEST) != 0 || (n->left >= 0 && left > n->left))
		return false;
	if (left >= 0 && left < n->before && left != n->left) {
		n->left = left;
		keep(m);
	}
	return true;
}

static void note(struct modem *m, int64_t left)
{
	digest_of(m, m->lock.note.digest);
	m->lock.note.before = left;
	m->lock.note.left = -1;
	m->lock.noted_ms = now_ms(m);
	keep(m);
}

static void forget(struct modem *m)
{
	memset(&m->lock.note, 0, sizeof(m->lock.note));
	m->host->keep(m->host, NOTE, NULL, 0);
}

/* --- PIN -------------------------------------------------------------------------------------- */

static void pin_sent(GObject *sim, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	bool ok = mm_sim_send_pin_finish(MM_SIM(sim), res, &err) ||
		  g_error_matches(err, MM_CORE_ERROR, MM_CORE_ERROR_WRONG_STATE);
	struct modem *m = call_end(call, NULL);

	if (m && ok) { /* that it is not locked any more is still on the way */
		forget(m);
	} else if (m && g_error_matches(err, MM_CORE_ERROR, MM_CORE_ERROR_UNAUTHORIZED)) {
		m->lock.sending = false;
		m->lock.denied = true;
		forget(m);
		machine_step(m);
	} else if (m) {
		m->lock.sending = false;
		m->host->log(m->host, LGW_LOG_ERR, NULL, "PIN refused: %s", err->message);
		m->host->alarm(m->host, "modem-pin",
			"The SIM refused the configured PIN; it is not tried again until another "
			"one is configured or the SIM was unlocked elsewhere.");
		machine_step(m);
	}
	g_clear_error(&err);
}

static void sim_there(GObject *modem, GAsyncResult *res, gpointer call)
{
	MMSim *sim = mm_modem_get_sim_finish(MM_MODEM(modem), res, NULL);
	struct modem *m = call_end(call, NULL);

	if (!m) {
		g_clear_object(&sim);
		return;
	}
	m->lock.asking = false;
	m->lock.sim = sim;
	if (sim)
		machine_step(m);
}

/* Where the SIM does not tell how often it may be wrong yet, a PIN goes only once it is known on
 * the disk that it did: a daemon that dies of it again and again must not use up all attempts. */
static void try_pin(struct modem *m, int64_t left)
{
	int64_t rest = m->lock.noted_ms + KEEP_MS - now_ms(m);

	machine_show(m, SHOW_COMING, "locked: the PIN is being tried");
	if (left < 0 && rest > 0) {
		m->lock.waits = false;
		m->host->timer_set(m->lock.timer, rest);
		return;
	}
	m->lock.noted_ms = 0;
	m->lock.sending = true;
	m->host->log(m->host, LGW_LOG_INFO, NULL, "PIN is sent");
	mm_sim_send_pin(m->lock.sim, m->conf->pin, m->cancel, pin_sent, call_new(m, NULL));
	wake();
}

static void wants_pin(struct modem *m)
{
	int64_t left = tries_left(m, MM_MODEM_LOCK_SIM_PIN);

	if (!m->conf->pin || m->lock.denied) {
		m->lock.bad = true;
		machine_show(m, SHOW_BAD,
			m->conf->pin ? "locked: ModemManager does not let us unlock the SIM"
				     : "locked: the SIM wants a PIN, and none is configured");
		return;
	}
	if (!m->lock.sim && !m->lock.asking) {
		m->lock.asking = true;
		mm_modem_get_sim(m->modem, m->cancel, sim_there, call_new(m, NULL));
		wake();
	}
	if (!m->lock.sim || m->lock.sending)
		return;
	if (m->lock.noted_ms) { /* about to be tried */
		try_pin(m, left);
		return;
	}
	m->lock.bad = true;
	if (was_tried(m, left)) {
		machine_show(m, SHOW_BAD, "locked: the SIM refused the configured PIN");
	} else if (left >= 0 && left < 2) {
		machine_show(
			m, SHOW_BAD, "locked: the SIM allows one more PIN only, which is not used");
	} else {
		m->lock.bad = false;
		note(m, left);
		try_pin(m, left);
	}
}

static void wants_puk(struct modem *m)
{
	int64_t left = tries_left(m, MM_MODEM_LOCK_SIM_PUK);
	char text[120] = "locked for good: its PUK was wrong too often, the SIM is dead";

	if (left > 0)
		snprintf(text, sizeof(text),
			"locked: the PIN was wrong too often, the SIM wants its PUK (%lld more "
			"tries)",
			(long long)left);
	else if (left < 0)
		snprintf(text, sizeof(text),
			"locked: the PIN was wrong too often, the SIM wants its PUK");
	machine_show(m, SHOW_BAD, text);
}

/* --- looking again ---------------------------------------------------------------------------- */

static void let_back(GObject *manager, GAsyncResult *res, gpointer call)
{
	mm_manager_uninhibit_device_finish(MM_MANAGER(manager), res, NULL);
	call_end(call, NULL);
}

/* What was kept quiet while a modem went and should have come back. */
static void end_look(struct modem *m)
{
	bool gone = m->lock.looking && !m->modem;

	lock_calm(m);
	if (gone)
		machine_show(m, SHOW_BAD, "absent: ModemManager lost the modem");
	machine_step(m);
}

static void held(GObject *manager, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	bool ok = mm_manager_inhibit_device_finish(MM_MANAGER(manager), res, &err);
	void *ud = NULL;
	struct modem *m = call_end(call, &ud);
	char *device = ud;

	if (m && ok) {
		mm_manager_uninhibit_device(
			MM_MANAGER(manager), device, m->lock.cancel, let_back, call_new(m, NULL));
		wake();
	} else if (m) {
		m->host->log(m->host, m->lock.told ? LGW_LOG_DEBUG : LGW_LOG_WARNING, NULL,
			"ModemManager cannot be made to look at the SIM again: %s", err->message);
		m->lock.told = true;
		end_look(m);
	}
	g_clear_error(&err);
	g_free(device);
}

/* Few modems tell of a SIM that was put in, or is another one. To be let go for a moment makes
 * ModemManager look. */
static void look_again(struct modem *m)
{
	char *device = mm_modem_dup_device(m->modem);

	m->lock.looking = true;
	m->host->timer_set(m->lock.timer, LOOK_MS);
	mm_manager_inhibit_device(
		m->manager, device, m->lock.cancel, held, call_new_lasting(m, device));
	wake();
}

static void due(void *ud)
{
	struct modem *m = ud;

	m->lock.waits = false;
	if (m->lock.looking) {
		end_look(m);
		return;
	}
	if (m->modem && m->lock.bad && !m->stuck)
		look_again(m);
	machine_step(m);
}

/* A modem that is known by its path would not be found again. */
static bool may_look(const struct modem *m)
{
	return m->conf->sim_retry_ms &&
	       g_strcmp0(m->conf->device, mm_modem_get_path(m->modem)) != 0;
}

/* --- steps ------------------------------------------------------------------------------------ */

static void show_failure(struct modem *m)
{
	MMModemStateFailedReason why = mm_modem_get_state_failed_reason(m->modem);
	char text[120];

	snprintf(text, sizeof(text), "failed: %s", mm_modem_state_failed_reason_get_string(why));
	machine_show(m, SHOW_BAD,
		why == MM_MODEM_STATE_FAILED_REASON_SIM_MISSING ? "no SIM: the modem finds none"
								: text);
}

void lock_step(struct modem *m, MMModemState state)
{
	MMModemLock lock = mm_modem_get_unlock_required(m->modem);
	bool was = m->lock.bad;
	char text[120];

	m->lock.bad = true;
	if (state == MM_MODEM_STATE_FAILED) {
		show_failure(m);
	} else if (lock == MM_MODEM_LOCK_SIM_PIN) {
		m->lock.bad = was; /* until it is known */
		wants_pin(m);
	} else if (lock == MM_MODEM_LOCK_SIM_PUK) {
		wants_puk(m);
	} else if (lock == MM_MODEM_LOCK_NONE || lock == MM_MODEM_LOCK_UNKNOWN) {
		m->lock.bad = false; /* for a moment */
		machine_show(m, SHOW_COMING, "starting");
	} else {
		snprintf(text, sizeof(text), "locked: it wants %s", mm_modem_lock_get_string(lock));
		machine_show(m, SHOW_BAD, text);
	}
	if (m->lock.bad && !m->lock.waits && !m->lock.looking && may_look(m)) {
		m->lock.waits = true;
		m->host->timer_set(m->lock.timer, m->conf->sim_retry_ms);
	}
}

void lock_settle(struct modem *m, MMModemState state)
{
	if (state != MM_MODEM_STATE_FAILED && state < MM_MODEM_STATE_LOCKED)
		return;
	if (m->lock.gone)
		lock_calm(m);
	if (state > MM_MODEM_STATE_LOCKED)
		m->lock.bad = m->lock.sending = false;
}

void lock_drop(struct modem *m)
{
	g_clear_object(&m->lock.sim);
	m->lock.asking = m->lock.sending = m->lock.denied = false;
	m->lock.noted_ms = 0;
	m->lock.gone = m->lock.looking;
	m->lock.bad = m->lock.bad && m->lock.looking;
}

void lock_calm(struct modem *m)
{
	m->lock.looking = m->lock.gone = m->lock.waits = m->lock.denied = false;
	m->lock.bad = m->lock.bad && m->modem;
	m->host->timer_set(m->lock.timer, -1);
}

void lock_begin(struct modem *m)
{
	m->lock.timer = m->host->timer_new(m->host, due, m);
	m->lock.cancel = g_cancellable_new();
	if (m->host->kept(m->host, NOTE, &m->lock.note, sizeof(m->lock.note)) !=
		sizeof(m->lock.note))
		memset(&m->lock.note, 0, sizeof(m->lock.note));
}

void lock_end(struct modem *m)
{
	g_cancellable_cancel(m->lock.cancel);
	g_clear_object(&m->lock.cancel);
	m->host->timer_free(m->lock.timer);
}
