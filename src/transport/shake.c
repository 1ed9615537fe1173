/* SPDX-License-Identifier: BSD-3-Clause */
/* Handshakes: in turn, resumed where possible, repeated, given up. */
#include <string.h>
#include "transport/ssllink_state.h"
#include "util/err.h"
#include "util/map.h"
#include "util/str.h"

LOG_MODULE("transport");

#define FLIGHT_MS     1000  /* before a flight goes again (RFC 6347 §4.2.4.1); doubles */
#define FLIGHT_MAX_MS 60000 /* a pause at most, of carriers that are not slower by themselves */
#define REPEATS_MAX   4     /* then the handshake is given up: after 31 s */
#define STREAM_MS     30000 /* for a handshake of TLS, which has no repeats of its own */

static uint32_t first_pause(const struct ssllink *s)
{
	return s->under->ops->pause_ms ? s->under->ops->pause_ms : FLIGHT_MS;
}

/* The peer has so long to answer the flight that goes now. */
static void set_pause(struct ssllink *s, uint32_t ms)
{
	s->pause_ms = ms;
	s->wrote = false;
	if (!s->link.ops->reliable)
		ssl_conn_set_pause(s->conn, ms);
	timer_set(ssl_timers(s->ssl), &s->timer, ssllink_now(s) + ms);
}

static int to_carrier(void *ud, const void *p, size_t len)
{
	struct ssllink *s = ud;

	s->wrote = true;
	return s->under->ops->send(s->under, p, len);
}

static size_t carrier_mtu(const struct ssllink *s)
{
	size_t mtu = link_unit(s->under);

	return mtu > SSLLINK_MTU_MAX ? SSLLINK_MTU_MAX : mtu;
}

static int make_conn(struct ssllink *s)
{
	struct ssl_setup setup = {
		.cred = s->cred,
		.host = s->host,
		.stream = s->link.ops->reliable,
		.mtu = carrier_mtu(s),
		.write = to_carrier,
		.ud = s,
	};
	char text[200];
	int r = ssl_conn_new(s->ssl, &setup, &s->conn, text, sizeof(text));

	if (r) {
		log_err(SSLLINK_LOG(s), "no handshake possible: %s", text);
		return r;
	}
	if (!s->session)
		s->session = ssl_session_load(s->ssl, s->key);
	s->resuming = s->session != NULL;
	if (s->resuming)
		ssl_conn_resume(s->conn, s->session);
	return LGW_OK;
}

static void start(struct ssllink *s)
{
	int r = make_conn(s);

	s->state = SHAKING;
	s->repeats = 0;
	if (r) {
		ssllink_down(s, r);
		return;
	}
	s->heard = false;
	set_pause(s, s->link.ops->reliable ? STREAM_MS : first_pause(s));
	shake_step(s);
}

static void on_turn(void *ud)
{
	struct ssllink *s = ud;

	ssllink_enter(s);
	start(s);
	ssllink_leave(s);
}

/* The same reason is told once, until it went well. */
static void tell_reason(struct ssllink *s, const char *reason)
{
	uint64_t hash = map_hash_str(reason, 0);

	log_at(hash == s->told ? LGW_LOG_DEBUG : LGW_LOG_WARNING, SSLLINK_LOG(s),
		"handshake failed: %s", reason);
	s->told = hash;
}

static void failed(struct ssllink *s, int err, const char *reason)
{
	bool full = s->resuming && s->heard;

	if (full) {
		ssl_session_free(s->session);
		s->session = NULL;
		ssl_session_save(s->ssl, s->key, NULL);
	}
	if (full && err != LGW_ETIMEDOUT) {
		log_info(SSLLINK_LOG(s), "session not resumed (%s), full handshake", reason);
		ssllink_drop_conn(s);
		shake_begin(s);
		return;
	}
	ssl_counters(s->ssl)->failed++;
	tell_reason(s, reason);
	ssllink_down(s, err);
}

static void shake(struct ssllink *s, int r)
{
	char reason[160];

	if (r == LGW_PENDING)
		return;
	if (r) {
		str_copy(reason, sizeof(reason), ssl_conn_reason(s->conn));
		ssllink_tell_alert(s);
		if (s->state == SHAKING)
			failed(s, r, reason);
		return;
	}
	ssllink_done(s);
}

void shake_step(struct ssllink *s)
{
	s->wrote = false;
	if (s->state == SHAKING)
		shake(s, ssl_conn_handshake(s->conn));
	if (s->state == SHAKING && s->wrote && !s->link.ops->reliable) {
		s->repeats = 0; /* the next flight is on its way */
		set_pause(s, first_pause(s));
	}
}

void shake_begin(struct ssllink *s)
{
	s->state = WAITING;
	turn_take(ssl_turns(s->ssl), &s->turn);
}

static int say_again(struct ssllink *s)
{
	int r = ssl_conn_repeat(s->conn);

	if (r != LGW_PENDING || s->wrote)
		return r;
	/* The system's clock was set back, and OpenSSL finds that it is too early: begin anew. */
	ssl_conn_free(s->conn);
	r = make_conn(s);
	if (r)
		return r;
	ssl_conn_set_pause(s->conn, s->pause_ms);
	return ssl_conn_handshake(s->conn);
}

void shake_repeat(struct ssllink *s)
{
	uint32_t max =
		s->under->ops->pause_ms > FLIGHT_MAX_MS ? s->under->ops->pause_ms : FLIGHT_MAX_MS;

	/* Who waits for a peer that says nothing holds nobody up. */
	turn_give(ssl_turns(s->ssl), &s->turn);
	if (s->link.ops->reliable || s->repeats >= REPEATS_MAX) {
		failed(s, LGW_ETIMEDOUT,
			s->heard ? "the server fell silent: has it the same key?"
				 : "the server does not answer");
		return;
	}
	s->repeats++;
	set_pause(s, s->pause_ms * 2 > max ? max : s->pause_ms * 2);
	shake(s, say_again(s));
}

void shake_init(struct ssllink *s)
{
	s->turn = (struct turn){ .fn = on_turn, .ud = s };
}
