/* SPDX-License-Identifier: BSD-3-Clause */
/* Names to addresses, in a worker so that the loop never waits. */
#ifndef TRANSPORT_RESOLVE_H
#define TRANSPORT_RESOLVE_H

#include "loop/work.h"
#include "transport/addr.h"

#define RESOLVE_MAX 8 /* addresses of a name that are tried */

struct resolve;
/* n addresses, or n = 0 and a text that says why; both are loans for the call. */
typedef void (*resolve_fn)(void *ud, const struct addr *a, size_t n, const char *error);

/* A literal address is answered too, by the same way: never from within the call. */
struct resolve *resolve_start(
	struct workers *w, const char *host, uint16_t port, resolve_fn fn, void *ud);
/* fn is not called any more. */
void resolve_cancel(struct resolve *r); /* takes NULL */
/* A literal address at once; LGW_EINVAL for a name. */
int resolve_literal(struct addr *out, const char *host, uint16_t port);

#endif
