/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/dial.h"

#include <stdlib.h>
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("transport");

void dial_init(struct dial *d, struct link_env *env, const struct uri *uri, uint16_t port)
{
	*d = (struct dial){ .port = uri->port ? uri->port : port,
		.host = texts_get(&env->texts, uri->host) };
}

void dial_fini(struct dial *d, struct link_env *env)
{
	dial_cancel(d);
	free(d->addrs);
	texts_put(&env->texts, d->host);
}

static void keep_addrs(struct dial *d, const struct addr *a, size_t n)
{
	/* A name that still has the same addresses goes on with the next one. */
	bool same = d->addrs && n == d->naddrs;

	for (size_t i = 0; same && i < n; i++)
		same = addr_eq(&a[i], &d->addrs[i]);
	if (same)
		return;
	free(d->addrs);
	d->addrs = xmemdup(a, n * sizeof(*a));
	d->naddrs = (uint8_t)n;
	d->next = 0;
}

int dial_resolved(struct dial *d, const struct addr *a, size_t n, const char *error)
{
	d->resolving = NULL;
	if (!n)
		log_at(d->told ? LGW_LOG_DEBUG : LGW_LOG_WARNING,
			(&(struct log_ctx){ .peer = d->host }), "name not resolved: %s", error);
	else
		keep_addrs(d, a, n);
	d->told = !n;
	return n ? LGW_OK : LGW_EUNAVAIL;
}

bool dial_start(struct dial *d, struct workers *w, resolve_fn fn, void *ud)
{
	struct addr a;

	if (!resolve_literal(&a, d->host, d->port)) {
		keep_addrs(d, &a, 1);
		return true;
	}
	d->resolving = resolve_start(w, d->host, d->port, fn, ud);
	return false;
}

void dial_cancel(struct dial *d)
{
	resolve_cancel(d->resolving);
	d->resolving = NULL;
}

const struct addr *dial_next(struct dial *d)
{
	const struct addr *a = d->naddrs ? &d->addrs[d->next] : NULL;

	if (a)
		d->next = (uint8_t)((d->next + 1u) % d->naddrs);
	return a;
}

void dial_done(struct dial *d)
{
	if (d->naddrs > 1)
		return;
	free(d->addrs);
	d->addrs = NULL;
	d->naddrs = 0;
}
