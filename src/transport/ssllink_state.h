/* SPDX-License-Identifier: BSD-3-Clause */
/* Between ssllink.c, the link, and shake.c, its handshakes. */
#ifndef TRANSPORT_SSLLINK_STATE_H
#define TRANSPORT_SSLLINK_STATE_H

#include <sys/queue.h>
#include "transport/link.h"
#include "transport/ssl.h"
#include "transport/turn.h"
#include "util/log.h"

/* What every path of IPv6 carries, IP and UDP headers apart. */
#define SSLLINK_MTU_MAX 1232

enum ssllink_state {
	CLOSED,
	OPENING, /* the carrier */
	WAITING, /* for a turn */
	SHAKING, /* hands */
	UP,
	PARKED /* for the owner it is up: the next message resumes it */
};

struct waiting {
	STAILQ_ENTRY(waiting) next;
	size_t len;
	uint8_t bytes[];
};

struct ssllink {
	struct link link;
	struct link *under;
	struct ssl_shared *ssl;
	const struct cred *cred;
	struct ssl_conn *conn;
	struct ssl_session *session; /* to be resumed; NULL: none */
	char *host;
	struct turn turn;
	struct timer timer; /* SHAKING: the flight; UP: parking */
	uint32_t pause_ms;
	int64_t used_ms; /* when a message went or came */
	uint64_t told;   /* hash of the reason that was logged */
	uint8_t key[32]; /* of the stored session */
	uint8_t state, repeats, nwaiting, depth;
	bool resuming; /* this handshake offers a session */
	bool was_up;   /* the owner knows it as up: it was parked */
	bool heard;    /* the peer, in this handshake */
	bool wrote;    /* since it was set to false */
	bool dead;
	STAILQ_HEAD(, waiting) waiting;
};

static inline int64_t ssllink_now(const struct ssllink *s)
{
	return timers_now(ssl_timers(s->ssl));
}

#define SSLLINK_LOG(s_) (&(struct log_ctx){ .peer = (s_)->under->ops->peer((s_)->under) })

/* ssllink.c: from entry to leave the link is not freed under the caller's feet. */
void ssllink_enter(struct ssllink *s);
void ssllink_leave(struct ssllink *s);
void ssllink_tell_alert(struct ssllink *s);
/* All of the connection goes, and the carrier; the session stays. */
void ssllink_drop_conn(struct ssllink *s);
void ssllink_down(struct ssllink *s, int err);
/* The handshake went well. */
void ssllink_done(struct ssllink *s);

/* shake.c */
void shake_init(struct ssllink *s);
/* Stand in line for a handshake. */
void shake_begin(struct ssllink *s);
/* The peer sent something. */
void shake_step(struct ssllink *s);
/* The peer sent nothing. */
void shake_repeat(struct ssllink *s);

#endif
