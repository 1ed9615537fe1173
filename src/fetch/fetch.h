/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One file from one URI, over whatever its scheme says. A download that breaks goes on where it was
 * if what it is about did not change, also after a restart. Never blocks.
 */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdbool.h>
#include <stdint.h>
#include "session/session.h"

#define FETCH_URI_MAX 255
#define FETCH_TAG_MAX 128

struct cred;
struct fetch;
struct fetch_env;

/* What all downloads share. loop, links and sessions outlive it. */
struct fetch_env *fetch_env_new(
	struct loop *loop, struct link_env *links, struct session_env *sessions);
/* No download is left. Takes NULL. */
void fetch_env_free(struct fetch_env *env);

struct fetch_params {
	const char *uri;             /* copied */
	const char *user, *password; /* of HTTP; NULL: none; copied */
	int fd;                      /* where to; not closed */
	uint64_t max;                /* bytes */
	/* It holds so many bytes already of what has this tag; 0: none. Copied. */
	uint64_t have;
	const char *tag;
	uint32_t tries;                       /* attempts without progress, 1 at least */
	uint32_t pause_ms;                    /* before the second one; it doubles */
	uint32_t idle_ms;                     /* HTTP: without a byte the attempt has failed */
	const struct session_params *session; /* CoAP; borrowed */
	const struct cred *cred;              /* CoAPS; NULL: none; referenced */
	const char *ca_file;                  /* HTTPS; NULL: the system's; copied */
};

struct fetch_hooks {
	/* What is written from here on has this tag ("": it has none, and cannot be gone on with).
	 * Before the first byte, and again when another thing took its place. */
	void (*tag)(void *ud, const char *tag);
	/*
	 * The end, once, from the loop: LGW_OK the file is whole; LGW_EINVAL no URI, LGW_ENOENT
	 * nothing there (no such name, refused), LGW_ENOTSUP unknown scheme or no keys for it,
	 * LGW_ETOOBIG over max or no space, LGW_ENOMEM, LGW_EUNAVAIL lost, LGW_EIO the file. May
	 * free it.
	 */
	void (*done)(void *ud, int status);
	/* The interface of the network that the next attempt goes over, a loan: NULL, whichever the
	 * machine chooses; "": it is not there, and the attempt waits for it. Names are resolved
	 * as the machine does it. NULL: none is asked for. */
	const char *(*interface)(void *ud);
};

/* Never ends from within. hooks are borrowed. */
struct fetch *fetch_new(struct fetch_env *env, const struct fetch_params *p,
	const struct fetch_hooks *hooks, void *ud);
void fetch_free(struct fetch *f); /* takes NULL; the file keeps what came */
uint64_t fetch_bytes(const struct fetch *f);

#endif
