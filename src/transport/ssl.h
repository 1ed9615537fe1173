/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OpenSSL, and nothing of it outside: what all protected links share (contexts, limits), and the
 * engine of one connection, which turns bytes of the carrier into messages and back. The engine has
 * no clock of its own: who owns it counts the pauses.
 */
#ifndef TRANSPORT_SSL_H
#define TRANSPORT_SSL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crypto/cred.h"
#include "loop/timer.h"

struct ssl_shared;
struct ssl_conn;
struct turns;

struct ssl_params {
	uint32_t handshakes_max; /* under way at a time in the process; 0: no limit */
	uint32_t park_ms;        /* an idle connection gives its memory back after it; 0: never */
};

/* Keeps sessions for resumption over restarts; NULL: they live as long as their links. What is
 * saved holds a secret. */
struct ssl_store_ops {
	/* Bytes into buf: their number; 0: there are none. */
	size_t (*load)(void *ud, const uint8_t key[32], uint8_t *buf, size_t cap);
	void (*save)(void *ud, const uint8_t key[32], const uint8_t *p, size_t len); /* 0: forget */
};
#define SSL_SESSION_BYTES_MAX 4096

struct ssl_counters {
	uint64_t handshakes, resumed, failed; /* ended well, of these resumed; ended badly */
	uint64_t alerts;                      /* received */
	uint64_t parked;
};

struct ssl_shared *ssl_shared_new(struct timers *timers, const struct ssl_params *p);
void ssl_shared_free(struct ssl_shared *s); /* takes NULL; no link may be left */
void ssl_shared_store(struct ssl_shared *s, const struct ssl_store_ops *ops, void *ud);
struct ssl_counters *ssl_counters(struct ssl_shared *s);
const struct ssl_params *ssl_params(const struct ssl_shared *s);
struct turns *ssl_turns(struct ssl_shared *s);
struct timers *ssl_timers(const struct ssl_shared *s);

/* Can this OpenSSL do raw public keys (from 3.2 on)? */
bool ssl_has_rpk(void);

/* --- one connection, as the client ----------------------------------------------------------- */

struct ssl_setup {
	const struct cred *cred; /* lives longer than the connection */
	const char *host;        /* of the URI: name check and SNI */
	bool stream;             /* TLS; else DTLS */
	size_t mtu;              /* of the carrier's datagrams, at least SSL_MTU_MIN */
	/* Bytes for the peer; LGW_OK, or the link is down. Must not call back. */
	int (*write)(void *ud, const void *p, size_t len);
	void *ud;
};
#define SSL_MTU_MIN 134

/* LGW_ENOTSUP with the reason in text when OpenSSL does not take the credentials. */
int ssl_conn_new(struct ssl_shared *s, const struct ssl_setup *setup, struct ssl_conn **out,
	char *text, size_t size);
/* Says nothing to the peer, so that the session can be resumed. Takes NULL. */
void ssl_conn_free(struct ssl_conn *c);

/* Sessions: an opaque handle that the owner keeps over connections. */
struct ssl_session;
void ssl_conn_resume(struct ssl_conn *c, const struct ssl_session *session);
/* After the handshake; NULL if it cannot be resumed. The caller frees. */
struct ssl_session *ssl_conn_session(const struct ssl_conn *c);
void ssl_session_free(struct ssl_session *s); /* takes NULL */
struct ssl_session *ssl_session_load(struct ssl_shared *s, const uint8_t key[32]);
void ssl_session_save(struct ssl_shared *s, const uint8_t key[32], const struct ssl_session *ss);

/* The next bytes of the carrier, a loan until they are used up by the calls below. */
void ssl_conn_input(struct ssl_conn *c, const uint8_t *p, size_t len);
/* LGW_OK: done. LGW_PENDING: the peer's turn. Else it has failed, ssl_conn_reason says why. */
int ssl_conn_handshake(struct ssl_conn *c);
/* How long the owner waits before it calls ssl_conn_repeat; at most an hour. */
void ssl_conn_set_pause(struct ssl_conn *c, uint32_t ms);
/* Nothing came in time: send the last flight again; as ssl_conn_handshake. */
int ssl_conn_repeat(struct ssl_conn *c);
/* One message, or bytes of a stream: their number; 0: nothing (yet); LGW_ERESET: the peer closed or
 * broke off. */
int ssl_conn_read(struct ssl_conn *c, void *buf, size_t cap);
int ssl_conn_write(struct ssl_conn *c, const void *p, size_t len);
/* Tell the peer that we go (close_notify). */
void ssl_conn_bye(struct ssl_conn *c);
/* The last alert of the peer since the last call, or -1. */
int ssl_conn_alert(struct ssl_conn *c);
bool ssl_conn_resumed(const struct ssl_conn *c);
/* Largest message whose record fits the carrier. */
size_t ssl_conn_data_mtu(const struct ssl_conn *c);
/* "TLS_PSK_WITH_AES_128_CCM_8"; for logs and tests. */
const char *ssl_conn_suite(const struct ssl_conn *c);
const char *ssl_conn_reason(const struct ssl_conn *c);

#endif
