/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/regist.h"
#include <stdlib.h>
#include "crypto/rand.h"
#include "lwm2m/announce.h"
#include "lwm2m/location.h"
#include "lwm2m/observe.h"
#include "lwm2m/queue_mode.h"
#include "lwm2m/report.h"
#include "lwm2m/resume.h"
#include "lwm2m/server.h"
#include "lwm2m/shared.h"
#include "lwm2m/sms.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

LOG_MODULE("lwm2m");

#define DISABLE_LIMIT_MS 10000 /* for the De-register of a Disable */
#define UPDATE_MIN_MS    5000  /* between two Updates of a very short lifetime */
#define DISABLE_DEFAULT  86400 /* s, /1/x/5 (LwM2M 1.0 E.2) */

static void deregistered(struct server *s, int status, const struct coap_msg *resp);
static void on_answer(void *ud, int status, const struct coap_msg *resp);

/* --- time ---------------------------------------------------------------------------------- */

static int64_t lifetime_ms(int64_t s)
{
	return s < 0 ? 0 : s > INT32_MAX ? (int64_t)INT32_MAX * 1000 : s * 1000;
}

/*
 * The next Update: a whole exchange (93 s) or a tenth of the lifetime before its end, for short
 * ones at half of it; a little earlier by chance, so that thousands do not stay in step.
 */
static void plan_update(struct server *s)
{
	int64_t now = client_now(s->client), life = lifetime_ms(s->lifetime);
	int64_t margin = life / 10 > 93000 ? life / 10 : 93000;
	int64_t after = life - margin > life / 2 ? life - margin : life / 2;

	after -= rand_below((uint32_t)(after / 20 > UINT32_MAX ? UINT32_MAX : after / 20) + 1);
	if (after < UPDATE_MIN_MS)
		after = UPDATE_MIN_MS;
	s->expires_ms = now + life;
	s->update_ms = now + after;
}

/* 1 s, doubled up to 300 s (by configuration), each ± 20 %. */
static int64_t next_pause(struct server *s)
{
	const struct server_params *p = &s->conf->p;
	uint64_t pause = s->pause_ms ? (uint64_t)s->pause_ms * 2 : (uint64_t)p->retry_min_s * 1000;
	uint64_t max = (uint64_t)p->retry_max_s * 1000;

	if (pause > max)
		pause = max;
	if (pause < 1000)
		pause = 1000;
	if (pause > UINT32_MAX / 120)
		pause = UINT32_MAX / 120;
	s->pause_ms = (uint32_t)pause;
	return (int64_t)(pause * (80 + rand_below(41)) / 100);
}

/* --- ends of attempts ---------------------------------------------------------------------- */

void regist_lost(struct server *s)
{
	server_set_registered(s, false);
	observe_end_all(s);
}

void regist_cancel(struct server *s)
{
	call_cancel(s->call);
	s->call = NULL;
	pace_drop(s);
	s->doing = DOING_NOTHING;
	s->opening = false;
	s->want |= s->sent;
	s->sent = 0;
}

static const char *error_text(int err, char buf[8])
{
	if (err > 0)
		return coap_code_text(buf, (uint8_t)(err >> 8));
	return err == LGW_EREFUSED ? "connection refused" : err_text(err); /* not by an answer */
}

/* The attempt failed: pause, then again. */
static void failed(struct server *s, int err)
{
	static const char *const words[] = { [DOING_NOTHING] = "link",
		[DOING_REGISTER] = "registration",
		[DOING_UPDATE] = "update" };
	const char *what = s->doing < ARRAY_SIZE(words) ? words[s->doing] : "request";
	bool news = err != s->last_error;
	char code[8];
	int64_t pause;

	regist_cancel(s);
	pause = next_pause(s);
	s->last_error = err;
	s->due_ms = client_now(s->client) + pause;
	log_at(news ? LGW_LOG_WARNING : LGW_LOG_DEBUG, SERVER_LOG(s),
		"server %u: %s failed: %s; next attempt in %lld s", s->ssid, what,
		error_text(err, code), (long long)(pause + 500) / 1000);
	/* The name is looked up anew. A server that hears a secured client from another address (a
	 * NAT) drops what it says: only another handshake helps, which resumes the session. */
	s->silent = true;
	if (!s->registered || (err == LGW_ETIMEDOUT && s->conf->p.account.cred))
		session_close(s->session);
	resume_pause(s, pause, false);
	server_set_state(s, SERVER_RETRYING);
}

static void settled(struct server *s)
{
	s->doing = DOING_NOTHING;
	s->sent = 0;
	s->pause_ms = 0;
	s->last_error = 0;
	s->lifetime = s->lifetime_sent;
	s->updated_wall_ms = timers_wall(client_timers(s->client));
	plan_update(s);
	s->due_ms = s->want ? client_now(s->client) : s->update_ms;
	server_set_state(s, SERVER_REGISTERED);
	s->silent = false;
	queue_mode_told(s);
	resume_note(s);
	report_resume(s);
}

static void registered(struct server *s, const struct coap_msg *resp)
{
	uint8_t *location;
	char text[256];
	int r = location_take(resp, &location, &s->location_len);

	if (r) {
		log_warning(SERVER_LOG(s), "server %u: 2.01 without a usable location", s->ssid);
		failed(s, COAP_201 << 8);
		return;
	}
	free(s->location);
	s->location = location;
	server_set_registered(s, true);
	s->registered_wall_ms = timers_wall(client_timers(s->client));
	settled(s);
	log_info(SERVER_LOG(s), "registered at server %u (%s), location %s, lifetime %lld s",
		s->ssid, s->conf->p.account.uri,
		location_text(s->location, s->location_len, text, sizeof(text)),
		(long long)s->lifetime);
}

/* --- requests ------------------------------------------------------------------------------ */

/* Build and send what s->doing says. */
static int send_request(struct server *s)
{
	struct announce a;
	int r;

	if (s->doing == DOING_REGISTER)
		r = announce_register(&a, s);
	else if (s->doing == DOING_UPDATE)
		r = announce_update(&a, s);
	else
		r = announce_deregister(&a, s);
	return r ? r : session_call(s->session, &a.msg, on_answer, s, &s->call);
}

static void attempt(struct server *s)
{
	int r;

	server_set_state(s, s->doing == DOING_REGISTER ? SERVER_REGISTERING : SERVER_UPDATING);
	s->due_ms = NEVER;
	s->sent = s->want & (uint8_t)~WANT_DISABLE;
	s->want &= WANT_DISABLE;
	r = send_request(s);
	if (r)
		failed(s, r);
}

void regist_go(struct server *s)
{
	int r;

	if (session_is_up(s->session)) {
		attempt(s);
	} else {
		s->opening = true;
		r = session_open(s->session);
		s->due_ms = client_now(s->client) + session_open_limit_ms(s->session);
		if (r)
			failed(s, r);
	}
	server_arm(s);
}

/* Register or Update, whichever is due; at once or when there is a place. */
static void begin(struct server *s)
{
	bool update = s->registered && !(s->want & WANT_REGISTER);

	if (s->doing != DOING_NOTHING)
		return;
	resume_pause_over(s);
	sms_choose(s);
	bearer_choose(s);
	if (update && client_now(s->client) >= s->expires_ms) {
		log_notice(SERVER_LOG(s), "server %u: lifetime passed without an update", s->ssid);
		update = false;
	}
	if (!update) {
		if (s->registered)
			resume_forget(s);
		regist_lost(s);
	}
	s->doing = update ? DOING_UPDATE : DOING_REGISTER;
	server_set_state(s, update ? SERVER_UPDATING : SERVER_CONNECTING);
	if (pace_take(s))
		regist_go(s);
}

/* --- answers ------------------------------------------------------------------------------- */

static void log_refusal(struct server *s, const struct coap_msg *resp)
{
	char code[8], text[128];

	if (resp->payload_len && COAP_CODE_CLASS(resp->code) >= 4)
		log_info(SERVER_LOG(s), "server %u answers %s \"%s\"", s->ssid,
			coap_code_text(code, resp->code),
			str_printable(text, sizeof(text), resp->payload, resp->payload_len));
}

static void register_answered(struct server *s, const struct coap_msg *resp)
{
	if (resp->code == COAP_201)
		registered(s, resp);
	else
		failed(s, resp->code << 8);
}

static void update_answered(struct server *s, const struct coap_msg *resp)
{
	if (resp->code == COAP_204) {
		log_at(s->last_error ? LGW_LOG_INFO : LGW_LOG_DEBUG, SERVER_LOG(s),
			"registration at server %u updated%s", s->ssid,
			s->last_error ? ", it answers again" : "");
		settled(s);
		return;
	}
	if (COAP_CODE_CLASS(resp->code) == 5) {
		failed(s, resp->code << 8);
		return;
	}
	/* The server does not know us any more, or does not want this Update: Register. */
	s->sent |= WANT_REGISTER;
	if (resp->code != COAP_404) {
		failed(s, resp->code << 8);
		return;
	}
	log_notice(SERVER_LOG(s), "server %u has lost the registration", s->ssid);
	regist_cancel(s);
	begin(s);
}

static void on_answer(void *ud, int status, const struct coap_msg *resp)
{
	struct server *s = ud;

	s->call = NULL;
	pace_drop(s);
	if (status == LGW_OK)
		log_refusal(s, resp);
	if (s->doing == DOING_DEREGISTER)
		deregistered(s, status, resp);
	else if (status != LGW_OK)
		failed(s, status);
	else if (s->doing == DOING_REGISTER)
		register_answered(s, resp);
	else
		update_answered(s, resp);
	server_leave(s);
}

/* --- De-register and Disable --------------------------------------------------------------- */

static void dereg_done(struct server *s)
{
	regist_cancel(s);
	s->want = 0;
	session_close(s->session);
	if (s->resume_ms) {
		s->due_ms = s->resume_ms;
		server_set_state(s, SERVER_DISABLED);
	} else {
		s->due_ms = NEVER;
		server_set_state(s, SERVER_STOPPED);
	}
}

/* Whatever the server says, we are gone. */
static void deregistered(struct server *s, int status, const struct coap_msg *resp)
{
	char code[8];

	if (status)
		log_notice(SERVER_LOG(s), "server %u: de-register not answered: %s", s->ssid,
			err_text(status));
	else
		log_info(SERVER_LOG(s), "de-registered from server %u (%s)", s->ssid,
			coap_code_text(code, resp->code));
	dereg_done(s);
}

static void dereg(struct server *s, int64_t deadline_ms)
{
	bool known = s->registered && session_is_up(s->session);

	resume_forget(s);
	regist_cancel(s);
	regist_lost(s);
	if (known) {
		s->doing = DOING_DEREGISTER;
		s->due_ms = deadline_ms;
		server_set_state(s, SERVER_DEREGISTERING);
		known = send_request(s) == LGW_OK;
	}
	if (!known)
		dereg_done(s);
}

static void disable(struct server *s)
{
	int64_t now = client_now(s->client), timeout = DISABLE_DEFAULT;
	struct account a;

	if (!server_account(s, &a) && a.disable_timeout >= 0)
		timeout = a.disable_timeout;
	log_notice(SERVER_LOG(s), "disabled by server %u for %lld s", s->ssid, (long long)timeout);
	s->resume_ms = now + (timeout ? lifetime_ms(timeout) : 1000);
	dereg(s, s->resume_ms - now < DISABLE_LIMIT_MS ? s->resume_ms : now + DISABLE_LIMIT_MS);
	resume_pause(s, s->resume_ms - now, true);
}

void regist_stop(struct server *s, bool deregister, int64_t deadline_ms)
{
	if (s->state == SERVER_STOPPED || !s->session)
		return;
	s->resume_ms = 0;
	if (deregister && s->state != SERVER_DEREGISTERING) {
		dereg(s, deadline_ms);
		return;
	}
	if (deregister)
		return; /* on its way already, for a Disable */
	regist_lost(s);
	dereg_done(s);
}

/* --- entries ------------------------------------------------------------------------------- */

/* A pause of an earlier life goes on. */
static void stay_away(struct server *s, int64_t left, bool disabled)
{
	s->due_ms = client_now(s->client) + left;
	s->resume_ms = disabled ? s->due_ms : 0;
	server_set_state(s, disabled ? SERVER_DISABLED : SERVER_RETRYING);
	log_info(SERVER_LOG(s), "server %u: %s before the restart, next attempt in %lld s", s->ssid,
		disabled ? "disabled" : "not reached", (long long)(left + 500) / 1000);
}

void regist_start(struct server *s)
{
	int64_t left;
	bool disabled;

	s->resume_ms = 0;
	s->want = s->sent = 0;
	server_periods(s);
	/* The server is told where we are now, and what is there, before it gets anything. */
	if (resume(s)) {
		s->want = WANT_UPDATE | WANT_LIST;
		s->silent = true;
	}
	left = resume_paused(s, &disabled);
	if (left)
		stay_away(s, left, disabled);
	else
		begin(s);
}

void regist_want(struct server *s, unsigned want, int64_t delay_ms)
{
	int64_t due = client_now(s->client) + delay_ms;

	if (s->state == SERVER_STOPPED || s->state == SERVER_DISABLED ||
		s->state == SERVER_DEREGISTERING)
		return;
	s->want |= (uint8_t)want;
	/* Otherwise the attempt under way, or the next one, is followed by what is wanted. */
	if ((s->state == SERVER_REGISTERED || want & WANT_DISABLE) && due < s->due_ms)
		s->due_ms = due;
	server_arm(s);
}

void regist_doubt(struct server *s)
{
	s->silent = true;
	regist_want(s, WANT_UPDATE, 0);
}

void regist_due(struct server *s)
{
	if (s->state == SERVER_DEREGISTERING) {
		deregistered(s, LGW_ETIMEDOUT, NULL);
	} else if (s->want & WANT_DISABLE) {
		disable(s);
	} else if (s->opening) {
		session_close(s->session);
		failed(s, LGW_ETIMEDOUT);
	} else if (s->state != SERVER_STOPPED) {
		s->resume_ms = 0;
		begin(s);
	}
}

void regist_link(struct server *s, bool up, int err)
{
	if (up) {
		if (s->opening) {
			s->opening = false;
			attempt(s);
		}
		return;
	}
	/* A call under way has told of it already. */
	if (s->opening || (s->doing == DOING_NOTHING && s->state == SERVER_REGISTERED))
		failed(s, err);
}
