/* SPDX-License-Identifier: BSD-3-Clause */
/* The addresses of a server: its name resolved, and tried in turn. Embedded in a link. */
#ifndef TRANSPORT_DIAL_H
#define TRANSPORT_DIAL_H

#include "transport/link.h"
#include "transport/resolve.h"

struct dial {
	struct resolve *resolving;
	struct addr *addrs;
	const char *host; /* of link_env.texts */
	uint16_t port;
	uint8_t naddrs, next;
	bool told; /* that the name is not resolved */
};

void dial_init(struct dial *d, struct link_env *env, const struct uri *uri, uint16_t port);
void dial_fini(struct dial *d, struct link_env *env);
/* Is it a literal address? Then there is nothing to wait for, and fn is not called; else it gets
 * what dial_resolved wants, from the loop, never from within. */
bool dial_start(struct dial *d, struct workers *w, resolve_fn fn, void *ud);
/* There are addresses to try (0), or the name is not known (LGW_EUNAVAIL; logged once until it
 * is). */
int dial_resolved(struct dial *d, const struct addr *a, size_t n, const char *error);
/* fn is not called any more. */
void dial_cancel(struct dial *d);
static inline bool dial_pending(const struct dial *d)
{
	return d->resolving != NULL;
}
/* The next address, so that each attempt tries another one; a loan. NULL: there is none. */
const struct addr *dial_next(struct dial *d);
/* The last one was good: of several, the others are kept for another time. */
void dial_done(struct dial *d);

#endif
