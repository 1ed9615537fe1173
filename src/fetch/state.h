/* SPDX-License-Identifier: BSD-3-Clause */
/* What the ways to fetch share: private to this folder. */
#ifndef FETCH_STATE_H
#define FETCH_STATE_H

#include "fetch/fetch.h"
#include "loop/loop.h"

struct http;

struct fetch_env {
	struct loop *loop;
	struct link_env *links;
	struct session_env *sessions;
	struct http *http; /* NULL until it is used */
};

/* One way; one file ends in one of these for each scheme. */
struct fetch_ops {
	const char *scheme;
	/* Begin an attempt from f->have on; it ends with one fetch_attempt, never from within.
	 * Another result than LGW_OK: it cannot be. */
	int (*start)(struct fetch *f);
	/* The attempt is over, or not wanted any more. Harmless without one. */
	void (*stop)(struct fetch *f);
};

struct fetch {
	struct fetch_env *env;
	const struct fetch_ops *ops; /* NULL: no such scheme */
	const struct fetch_hooks *hooks;
	void *ud;
	struct fetch_params p; /* texts are ours */
	char *shown;           /* the URI for the log */
	uint64_t have, before; /* bytes in the file; when the attempt began */
	char tag[FETCH_TAG_MAX + 1];
	void *way;             /* of the ops */
	const char *interface; /* while an attempt starts: it goes over this one; or NULL */
	bool waits;            /* for its interface */
	struct timer timer;
	uint32_t failed; /* attempts in a row that brought nothing */
	uint32_t attempts;
	int status; /* of the attempt that ended */
	bool again; /* another one may help */
	bool ended; /* the attempt, not yet acted upon */
};

extern const struct fetch_ops fetch_ops_coap, fetch_ops_coaps, fetch_ops_coap_tcp,
	fetch_ops_coaps_tcp, fetch_ops_http, fetch_ops_https;

/* fetch.c, for the ways */
/* What comes next starts at this offset, and has this tag: f->have at most. At 0 the file begins
 * anew. */
int fetch_begin(struct fetch *f, uint64_t offset, const char *tag);
/* LGW_OK, LGW_ETOOBIG, LGW_EIO. */
int fetch_data(struct fetch *f, const void *p, size_t len);
/* The file holds nothing of use. */
void fetch_changed(struct fetch *f);
/* The attempt ended; again: if it failed, another one may do better. */
void fetch_attempt(struct fetch *f, int status, bool again);

/* http.c */
void http_free(struct http *h); /* takes NULL */

#endif
