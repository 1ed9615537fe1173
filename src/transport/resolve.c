/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/resolve.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

struct resolve {
	struct work *job;
	resolve_fn fn;
	void *ud;
	char host[256];
	char port[6];
	struct addr addrs[RESOLVE_MAX];
	size_t n;
	const char *error;
};

static int look_up(struct resolve *r, int flags)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = flags }, *list = NULL;
	int e = getaddrinfo(r->host, r->port, &hints, &list);

	for (const struct addrinfo *ai = list; ai && r->n < RESOLVE_MAX; ai = ai->ai_next) {
		struct addr *a = &r->addrs[r->n];

		if (ai->ai_addrlen > sizeof(a->u))
			continue;
		memcpy(&a->u, ai->ai_addr, ai->ai_addrlen);
		a->len = ai->ai_addrlen;
		r->n++;
	}
	if (list)
		freeaddrinfo(list);
	return e;
}

static void run(void *ud)
{
	struct resolve *r = ud;
	int e = look_up(r, AI_ADDRCONFIG);

	/* Without any configured interface AI_ADDRCONFIG hides even the loopback's names. */
	if (e)
		e = look_up(r, 0);
	if (e)
		r->error = gai_strerror(e);
}

static void done(void *ud, bool canceled)
{
	struct resolve *r = ud;

	if (!canceled)
		r->fn(r->ud, r->addrs, r->n, r->error ? r->error : "no address");
	free(r);
}

struct resolve *resolve_start(
	struct workers *w, const char *host, uint16_t port, resolve_fn fn, void *ud)
{
	struct resolve *r = xcalloc(1, sizeof(*r));

	r->fn = fn;
	r->ud = ud;
	str_copy(r->host, sizeof(r->host), host);
	snprintf(r->port, sizeof(r->port), "%u", port);
	r->job = work_start(w, run, done, r);
	return r;
}

void resolve_cancel(struct resolve *r)
{
	if (r)
		work_cancel(r->job);
}

int resolve_literal(struct addr *out, const char *host, uint16_t port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *ai = NULL;
	char service[6];

	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(host, service, &hints, &ai) || ai->ai_addrlen > sizeof(out->u))
		return LGW_EINVAL;
	memcpy(&out->u, ai->ai_addr, ai->ai_addrlen);
	out->len = ai->ai_addrlen;
	freeaddrinfo(ai);
	return LGW_OK;
}
