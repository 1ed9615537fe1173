/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A CoAP endpoint towards one peer over one link: reliability, matching, duplicates, both roles
 * (RFC 7252 §4, §5.2-5.3) and the transport side of observations (RFC 7641). Knows no LwM2M.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include "coap/msg.h"
#include "loop/timer.h"
#include "transport/link.h"

struct cred;
struct oscore;
struct session;
struct exchange; /* a request of the peer that waits for our answer */
struct call;     /* a request of ours that waits for the peer's answer */
struct observer; /* an observation that the peer holds */

/* RFC 7252 §4.8; per server by configuration. */
#define NSTART_MAX 16
struct session_params {
	uint32_t ack_timeout_ms;      /* 2000 */
	uint32_t ack_random_pct;      /* 150: ACK_RANDOM_FACTOR 1.5 */
	uint32_t max_retransmit;      /* 4 */
	uint32_t nstart;              /* 1: requests of ours at a time, NSTART_MAX at most */
	uint32_t separate_after_ms;   /* 1000: then an empty ACK precedes a late answer */
	uint32_t response_timeout_ms; /* 120000: how long a call waits after the empty ACK */
	uint32_t con_interval_ms;     /* 86400000: at least one confirmable notification in it */
	uint32_t dedup_max;           /* 64: remembered requests per peer at most */
	uint32_t observers_max;       /* 256 */
	uint32_t exchanges_max;       /* 32 requests of the peer at a time; further ones: 5.03 */
	uint32_t block_size;          /* 1024: of blocks, 16 at least; smaller where a link is */
	uint32_t body_max;            /* 1048575 bytes of a body that is kept in memory */
	uint32_t transfers_max;       /* 8 bodies in blocks at a time; the oldest gives way */
};
extern const struct session_params session_params_default;

/* What sessions of a process share: pools and counters. */
struct session_env {
	struct timers *timers;
	struct session_pools *pools;
	struct session_counters {
		uint64_t rx, tx, malformed, duplicates, retransmits, resets_rx, resets_tx, timeouts,
			unmatched, refused, unverified;
	} count;
};
struct session_pools *session_pools_new(void);
void session_pools_free(struct session_pools *p);

enum session_event {
	SESSION_UP,   /* the link is open */
	SESSION_DOWN, /* link lost: calls ended with err, exchanges canceled, observers kept */
	SESSION_ALERT /* the peer sent a (D)TLS alert: err is its number (/1/x/11) */
};

/*
 * Where the body of a request goes as its blocks come, instead of into memory (RFC 7959 Block1).
 * write: 0, or the CoAP code that ends the transfer; may not free the session. end: once, with the
 * request of the last block to be answered like any other (it has no payload), or with x NULL when
 * the body will never be complete; may free the session when x is not NULL.
 */
struct body_sink {
	uint8_t (*write)(void *ud, const uint8_t *p, size_t len);
	void (*end)(void *ud, struct exchange *x, const struct coap_msg *req);
	void *ud;
};

struct session_handler {
	/*
	 * A request, its options checked and duplicates held back. The handler answers with
	 * exchange_reply, now or later, or lets it go with exchange_ignore. A body that came in
	 * blocks is whole here, and an answer of any size may be given: both are a matter of the
	 * session (RFC 7959). req is a loan for the time of this call. May free the session.
	 */
	void (*request)(void *ud, struct exchange *x, const struct coap_msg *req);
	void (*event)(void *ud, enum session_event ev, int err);
	/* A request that came as a push (coap/push.h): there is no answer. NULL: dropped. May free
	 * the session. */
	void (*push)(void *ud, const struct coap_msg *req);
	/* A message went or came, of so many bytes above the transport. Counting only; or NULL. */
	void (*traffic)(void *ud, bool sent, size_t bytes);
	/*
	 * The first block of a larger body came: false refuses it without an answer; a sink may be
	 * filled in to take it as it comes. NULL: bodies are kept in memory up to body_max, and
	 * request gets them whole. May not free the session.
	 */
	bool (*body)(void *ud, const struct coap_msg *first, struct body_sink *sink);
};

/* What protects a session; each NULL: nothing. */
struct session_security {
	const struct cred *cred; /* of DTLS and TLS; referenced */
	struct oscore *oscore;   /* borrowed, lives longer */
};

/* Takes no ownership of params, env, handler. NULL with *err set when the URI is of no use. */
struct session *session_new(struct session_env *env, struct link_env *links, const char *uri,
	const struct session_security *security, const struct session_params *params,
	const struct session_handler *h, void *ud, int *err);
/* All calls end with LGW_ECANCELED, exchanges are canceled, observers end. */
void session_free(struct session *s); /* takes NULL */
/* Open the link, at once or when a peer that released the last connection wants another one
 * (RFC 8323 §5.5, Hold-Off); SESSION_UP or SESSION_DOWN follows. Harmless when open or opening. */
int session_open(struct session *s);
/* Close without events; calls end with LGW_ECANCELED, observers stay. */
void session_close(struct session *s);
/* Nothing is expected for a while: a secured link gives its memory back until the next message. */
void session_rest(struct session *s); /* takes NULL */
bool session_is_up(const struct session *s);
/* From the next time that it is opened, as link_bind. False: so it is already. */
bool session_bind(struct session *s, const char *interface);
void session_from(struct session *s, uint16_t port); /* as link_from */
uint16_t session_port(const struct session *s);      /* as link_port */
/* As link_moved; takes NULL. */
bool session_moved(const struct session *s);
/* Over a connection: there nothing is lost while it lasts, and nothing is confirmed. */
bool session_is_reliable(const struct session *s);
/* Until a link that does not come up counts as failed, names and handshakes included. */
uint32_t session_open_limit_ms(const struct session *s);
const char *session_peer(const struct session *s);
/* Of the sessions with this peer over one address of ours, this one gets its requests. Nothing
 * where the address is not shared. */
void session_take_requests(struct session *s);
/* For link_env.pick; ud: struct session_env. */
struct link *session_pick(void *ud, const uint8_t *p, size_t len);
/* Name of our endpoint for log lines; borrowed. */
void session_set_endpoint(struct session *s, const char *endpoint);

/* --- our requests ------------------------------------------------------------------------- */

/*
 * The answer, once: status LGW_OK with resp (a loan), or LGW_ETIMEDOUT, LGW_ERESET, LGW_EUNAVAIL
 * (network), LGW_ECANCELED. May free the session.
 */
typedef void (*call_fn)(void *ud, int status, const struct coap_msg *resp);
/* The answer's body as its blocks come; LGW_OK, or an error that ends the call with it. resp is the
 * block's message, a loan. May not free the session. */
typedef int (*call_data_fn)(
	void *ud, uint64_t offset, const uint8_t *p, size_t len, const struct coap_msg *resp);
/*
 * Send a request as CON; type, mid and token are filled in here. Beyond NSTART they wait, and
 * take turns with the blocks of those that need many. Larger bodies go in blocks and come in blocks
 * (RFC 7959), a 4.01 with Echo is repeated with it (RFC 9175); fn sees only the end of it all.
 * LGW_ETOOBIG: over body_max. More ends: LGW_EINVAL (the peer breaks RFC 7959), LGW_EINCOMPLETE
 * (what it holds changed again and again), LGW_ETOOBIG (its answer is larger than body_max).
 */
int session_call(
	struct session *s, const struct coap_msg *req, call_fn fn, void *ud, struct call **out);
/* Before anything else happens: give the answer's body to data instead of fn. ud is that of fn. */
void call_stream(struct call *c, call_data_fn data);
/*
 * Both at once, for an answer whose first bytes are here already, of the representation with this
 * ETag: the next ones are asked for (RFC 7959 §2.4). offset: of a multiple of 1024. LGW_EINCOMPLETE
 * ends it when the peer holds something else by now.
 */
int session_call_from(struct session *s, const struct coap_msg *req, uint64_t offset,
	const uint8_t *etag, size_t etag_len, call_data_fn data, call_fn fn, void *ud,
	struct call **out);
/* Forget a call; fn is not called. */
void call_cancel(struct call *c); /* takes NULL */

/* --- the peer's requests ------------------------------------------------------------------ */

/* Answer and release the exchange; resp needs only code, options and payload. */
void exchange_reply(struct exchange *x, const struct coap_msg *resp);
/* Let it go without any answer. */
void exchange_ignore(struct exchange *x);
/* fn is called when the session goes before the answer; x is invalid then. NULL: forget. */
void exchange_on_cancel(struct exchange *x, void (*fn)(void *ud), void *ud);
/*
 * Which byte of the answer's body is asked for first (Block2). The answer to it may be a part of
 * its body (coap_msg.body_at, body_len) that begins there or before, and goes on for as long as
 * EXCHANGE_PART bytes, or to the end; it carries an ETag then. The same of a first notification,
 * and of what is observed.
 */
#define EXCHANGE_PART 65536
size_t exchange_offset(const struct exchange *x);

/* --- observations that the peer holds ----------------------------------------------------- */

enum observe_end {
	OBSERVE_RESET,    /* the peer answered a notification with RST */
	OBSERVE_TIMEOUT,  /* no answer to a confirmable notification */
	OBSERVE_LOST,     /* the connection ended, and with it what it carried */
	OBSERVE_REPLACED, /* the same token was used for a new observation */
	OBSERVE_CLOSED    /* the session ended */
};
/* The observer is freed after this call. */
typedef void (*observe_end_fn)(void *ud, enum observe_end why);
/*
 * What became of a confirmable notification: LGW_OK, acknowledged; LGW_ETIMEDOUT, no answer, and
 * the observation goes on unless it is freed now. NULL: not wanted, and OBSERVE_TIMEOUT ends it.
 */
typedef void (*observe_acked_fn)(void *ud, int status);

/*
 * Begin an observation with the token of the request x; the answer to x must be sent with
 * observer_reply. The same token replaces an earlier one. NULL: observers_max reached, answer
 * without Observe then (RFC 7641 §3.1).
 */
struct observer *observer_new(
	struct exchange *x, observe_end_fn end, observe_acked_fn acked, void *ud);
/* The first answer: resp with the Observe option added. */
void observer_reply(struct observer *o, struct exchange *x, const struct coap_msg *resp);
/* Find by the token of a request (for Observe = 1); NULL if there is none. */
struct observer *observer_find(const struct exchange *x);
void *observer_ud(const struct observer *o);
void observer_set_ud(struct observer *o, void *ud);
/* What another life of this endpoint must know of it: its token, and what it is bound to. */
struct wr;
void observer_put(const struct observer *o, struct wr *w);
/* One of an earlier life, as observer_put told it. NULL: observers_max, there is one, or that is
 * nothing. */
struct observer *observer_restore(struct session *s, const uint8_t *p, size_t len,
	observe_end_fn end, observe_acked_fn acked, void *ud);
/* End without calling end. */
void observer_free(struct observer *o); /* takes NULL */

enum notify_flags {
	NOTIFY_CON = 1u << 0, /* confirmable; also every con_interval by itself */
	NOTIFY_LAST = 1u << 1 /* code not 2.xx: no Observe option, the observer ends after it
				 (freed, end is not called) */
};
/*
 * Notify with code, options and payload of resp. While a CON notification of this observer is in
 * flight the new one replaces the one that waits behind it (RFC 7641 §4.5.2). LGW_EUNAVAIL when
 * the session is down, or OSCORE has no number for it at present; LGW_ETOOBIG.
 */
int observer_notify(struct observer *o, const struct coap_msg *resp, unsigned flags);
/* Nothing of it is in flight or waiting. */
bool observer_idle(const struct observer *o);

#endif
