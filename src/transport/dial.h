/* SPDX-License-Identifier: BSD-3-Clause */
/* The addresses of a server: its name resolved, and tried in turn. Embedded in a link. */
#ifndef TRANSPORT_DIAL_H
#define TRANSPORT_DIAL_H

#include "transport/link.h"
#include "transport/resolve.h"

struct dial {
	struct resolve *resolving;
	struct addr *addrs;
	uint8_t naddrs, next;
	uint16_t port;
	bool told; /* that the name is not resolved */
	char *host;
	void (*ready)(void *ud, int err);
	void *ud;
};

/* ready: there are addresses to try (0), or the name is not known (LGW_EUNAVAIL; logged once until
 * it is); from the loop, never from within dial_start. */
void dial_init(struct dial *d, const struct uri *uri, uint16_t port,
	void (*ready)(void *ud, int err), void *ud);
void dial_fini(struct dial *d);
/* Is it a literal address? Then there is nothing to wait for, and ready is not called. */
bool dial_start(struct dial *d, struct workers *w);
/* ready is not called any more. */
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
