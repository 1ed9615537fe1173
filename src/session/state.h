/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rooms of this folder share: the structs behind session/session.h. */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

#include <sys/queue.h>
#include "crypto/rand.h"
#include "oscore/protect.h"
#include "session/block.h"
#include "session/observer.h"
#include "session/session.h"
#include "util/map.h"
#include "util/pool.h"
#include "util/wr.h"

#define SCRATCH_BYTES 16384
#define SMALL_BYTES   72 /* messages up to this size need no memory of their own */

/* A confirmable message of ours until it is acknowledged, reset or given up (reliab.c). */
struct conmsg {
	TAILQ_ENTRY(conmsg) next;
	int64_t due;
	uint32_t interval_ms;
	uint16_t mid, tries;
	uint32_t len;
	/* status: LGW_OK acknowledged, LGW_ERESET, LGW_ETIMEDOUT. The message is gone by then. */
	void (*done)(struct session *s, void *ud, int status);
	void *ud;
	union {
		uint8_t small[SMALL_BYTES];
		uint8_t *heap; /* of larger ones */
	} bytes;
};

struct call {
	TAILQ_ENTRY(call) next;
	struct session *session;
	call_fn fn;
	call_data_fn data;
	void *ud;
	struct conmsg *msg; /* NULL while it waits, and once acknowledged */
	uint8_t *request;   /* options and body, as coap_body_encode */
	uint32_t request_len;
	struct call_blocks *blocks; /* NULL: one message each way */
	int64_t deadline;           /* after the empty ACK; 0: none */
	struct oscore_bind bind;
	uint8_t code, echo_len;
	uint8_t again; /* how often it went once more for new keys */
	bool sent;     /* it is under way */
	bool echoed;   /* repeated with an Echo option since the last progress */
	uint8_t token[COAP_TOKEN_MAX];
	uint8_t echo[40]; /* RFC 9175 §2.2.1 */
};

struct exchange {
	LIST_ENTRY(exchange) next;
	struct session *session;
	void (*cancel)(void *ud);
	void *cancel_ud;
	int64_t ack_due; /* when an empty ACK must go first; 0: gone or not needed */
	uint16_t mid;
	uint8_t type, code, tkl;
	bool acked;
	bool remember; /* in dedup.c, with the answer */
	struct oscore_bind bind;
	uint8_t token[COAP_TOKEN_MAX];
	struct block_wish wish;
};

struct request_key {
	const struct session *session;
	uint16_t mid;
};

/* A request done already, with its answer, for EXCHANGE_LIFETIME (dedup.c). */
struct done_request {
	struct request_key key;
	TAILQ_ENTRY(done_request) next;
	int64_t expires;
	uint8_t *bytes; /* small, heap, or NULL: nothing was answered (yet) */
	uint32_t len;
	uint8_t small[36];
};

/* A connection (stream.c, signal.c). */
struct stream {
	struct wr held;      /* begin of a message whose end is not here yet */
	int64_t held_due;    /* when it has to be; 0: nothing is held */
	int64_t release_due; /* the peer wants to close; 0: it does not */
	int64_t hold_until;  /* it wants no new connection before (RFC 8323 §5.5) */
	uint32_t peer_max;   /* its Max-Message-Size */
	unsigned epoch;      /* counts connections */
	bool waits;          /* to be opened then */
	bool csm;            /* its first message was here */
	bool blocks;         /* it can do block-wise transfers, and BERT */
};

/* Whose messages of late went over a shared link: an answer comes back by their message id. */
#define SHARED_MIDS 1024

struct session_pools {
	struct pool conmsgs, calls, exchanges, requests, observers, transfers;
	struct map requests_map, observers_map;
	struct secure *secure;         /* NULL until it is used */
	struct session **shared_owner; /* by message id modulo SHARED_MIDS; NULL until it is used */
	uint16_t shared_mid;
	TAILQ_HEAD(, transfer) transfers_all;
	size_t transfer_bytes;
	struct rand_stock pauses; /* of confirmable messages */
	uint8_t scratch[SCRATCH_BYTES];
};

struct session {
	struct session_env *env;
	const struct session_params *params;
	const struct session_handler *h;
	void *ud;
	struct link *link;
	struct stream *stream; /* of a connection; NULL: datagrams */
	const char *endpoint;
	struct timer timer; /* the earliest of all that follows */
	TAILQ_HEAD(, conmsg) conmsgs;
	TAILQ_HEAD(, call) calls; /* the first nsent are under way */
	LIST_HEAD(, exchange) exchanges;
	TAILQ_HEAD(, done_request) requests;
	LIST_HEAD(, observer) observers;
	TAILQ_HEAD(transfer_list, transfer) transfers;
	TAILQ_HEAD(, waiting) waiting;
	struct observer *in_flight; /* owner of the one confirmable notification */
	struct conmsg *in_flight_msg;
	uint32_t malformed, unverified;
	struct oscore *oscore; /* NULL: nothing is protected here */
	uint16_t next_mid, nexchanges, nrequests, nobservers, ntransfers, depth;
	uint8_t nsent;
	bool up, opening, dead;
};

/* EXCHANGE_LIFETIME by the session's parameters (RFC 7252 §4.8.2), but no less than by the usual
 * ones: 247 s. The peer may have those. */
int64_t session_exchange_lifetime(const struct session *s);

/* session.c */
/* The link is lost: all that depends on it ends, and the owner is told. */
void session_lost(struct session *s, int err);
int64_t session_now(const struct session *s);
void session_arm(struct session *s);
int session_send_bytes(struct session *s, const void *p, size_t len);
/* Encode and send. */
int session_send(struct session *s, const struct coap_msg *m);
void session_send_empty(struct session *s, enum coap_type type, uint16_t mid);
/* Between these the session is not freed under the caller's feet; leave: is it gone? */
void session_enter(struct session *s);
bool session_leave(struct session *s);

/* shared.c: sessions whose link has one address of ours for all of them (link_ops.shared) */
/* For the next message of ours. */
uint16_t session_next_mid(struct session *s);
/* A new token of a request with this message id, COAP_TOKEN_MAX bytes. */
void session_new_token(const struct session *s, uint16_t mid, uint8_t *token);
void shared_forget(struct session *s);

/* wire.c */
/* What a message should fit, which is less than what may be sent where larger ones cost more. */
size_t session_unit(const struct session *s);
/*
 * A message with its token, as bytes in the process's scratch buffer; LGW_ETOOBIG for its link.
 * With OSCORE it is protected by what bind says (a request fills it in), unless that is NULL.
 */
int wire_encode(
	struct session *s, const struct coap_msg *m, struct oscore_bind *bind, struct wr *w);
/* Type and message id into bytes that wire_encode made: known when they are sent. */
void wire_stamp(const struct session *s, uint8_t *bytes, enum coap_type type, uint16_t mid);

/* stream.c: sessions over a connection (RFC 8323); s->stream is NULL for all others */
void stream_new(struct session *s);
void stream_free(struct session *s);
/* The connection is there: the first message goes. */
void stream_up(struct session *s);
/* It is gone, and with it what was held and what was due. */
void stream_down(struct session *s);
void stream_receive(struct session *s, const uint8_t *p, size_t len);
/* The connection is due; or it ends, where a message began and its end did not come in time. */
void stream_tick(struct session *s);
size_t stream_mtu(const struct session *s);
/* We cannot go on: Abort with a diagnostic, then the connection is closed. bad: of the peer's CSM,
 * the option that is not understood, or 0. */
void stream_abort(struct session *s, uint16_t bad, const char *why);

/* signal.c */
void signal_csm(struct session *s);
void signal_ping(struct session *s);
void signal_release(struct session *s);
void signal_receive(struct session *s, const struct coap_msg *m);
/* After a Release: when is it time to close, and is it? */
int64_t signal_due(const struct session *s);
void signal_tick(struct session *s);

/* How many units of 1024 bytes a BERT block may hold (RFC 8323 §6); 0: none, no BERT here. */
size_t wire_bert(const struct session *s);

/* secure.c */
int secure_protect(struct session *s, const struct coap_msg *in, struct oscore_bind *bind,
	struct coap_msg *out);
/* What is inside of a request; false: it was answered here. */
bool secure_request(struct session *s, const struct coap_msg *m, struct oscore_bind *bind,
	struct coap_msg *inner);
enum secure_verdict {
	SECURE_DROP,    /* as if it had not come */
	SECURE_DELIVER, /* inner is the answer */
	SECURE_AGAIN    /* there are new keys: the request is due again */
};
/* again: the request may go a second time. */
enum secure_verdict secure_answer(struct session *s, const struct coap_msg *m,
	const struct oscore_bind *bind, bool again, struct coap_msg *inner);
void secure_free(struct secure *x); /* takes NULL */

/* demux.c */
void session_receive(struct session *s, const uint8_t *p, size_t len);
/* A message of the peer, whatever carried it; m is a loan and may be changed. */
void session_dispatch(struct session *s, struct coap_msg *m);

/* reliab.c */
struct conmsg *conmsg_send(struct session *s, const uint8_t *bytes, size_t len, uint16_t mid,
	void (*done)(struct session *s, void *ud, int status), void *ud);
struct conmsg *conmsg_find(struct session *s, uint16_t mid);
void conmsg_end(struct session *s, struct conmsg *c, int status);
void conmsg_drop(struct session *s, struct conmsg *c); /* takes NULL; done is not called */
void conmsg_tick(struct session *s);

/* call.c */
void call_response(struct session *s, struct coap_msg *m);
void call_fail_sent(struct session *s, int status); /* those under way */
void call_fail_all(struct session *s, int status);
int64_t call_due(const struct session *s); /* INT64_MAX: none */
void call_tick(struct session *s);

/* exchange.c */
void exchange_begin(struct session *s, struct coap_msg *m);
void exchange_cancel_all(struct session *s);
void exchange_tick(struct session *s);

/* dedup.c */
struct done_request *dedup_find(struct session *s, uint16_t mid);
void dedup_add(struct session *s, uint16_t mid);
void dedup_answer(struct session *s, uint16_t mid, const uint8_t *p, size_t len);
void dedup_drop_all(struct session *s);
void dedup_tick(struct session *s);
extern const struct map_ops dedup_map_ops;

#endif
