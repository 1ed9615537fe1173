/* SPDX-License-Identifier: BSD-3-Clause */
/* An observation that the peer holds (RFC 7641): private to this folder. */
#ifndef SESSION_OBSERVER_H
#define SESSION_OBSERVER_H

#include <sys/queue.h>
#include "oscore/protect.h"
#include "session/session.h"
#include "util/map.h"

struct observer_key {
	struct session *session;
	uint8_t tkl;
	uint8_t token[COAP_TOKEN_MAX];
};

/* A notification behind the one in flight. */
struct waiting {
	TAILQ_ENTRY(waiting) next;
	struct observer *observer;
	bool con;
	size_t len;
	uint8_t bytes[]; /* encoded without message id */
};

struct observer {
	LIST_ENTRY(observer) next; /* those that notified last come first */
	struct observer_key key;
	observe_end_fn end;
	observe_acked_fn acked;
	void *ud;
	int64_t last_con;        /* when the last confirmable notification went */
	struct waiting *waiting; /* or NULL */
	uint64_t resource;       /* of its requests, for the blocks after the first */
	uint32_t seq;
	uint16_t mids[4]; /* of the last non-confirmable ones, for a reset */
	uint8_t nmids, szx;
	bool last;
	struct oscore_bind bind;
};

extern const struct map_ops observer_map_ops;
void observers_end_all(struct session *s, enum observe_end why);
void observers_stop(struct session *s); /* nothing in flight or waiting any more */
void observers_ponged(struct session *s);
bool observer_reset(struct session *s, uint16_t mid);

#endif
