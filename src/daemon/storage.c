/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon/storage.h"
#include <stdio.h>
#include "daemon/machine_id.h"
#include "util/err.h"
#include "util/log.h"

LOG_MODULE("daemon");

static int begin_store(struct storage *s, const struct store_params *params, struct loop *l,
	const struct store_hooks *hooks, void *ud)
{
	struct store_params p = *params;
	struct timers *ts = loop_timers(l);
	char boot[33], text[512], alarm[640];
	int r;

	if (boot_id_read(boot))
		p.boot = boot;
	r = store_new(&p, l, ts, hooks, ud, &s->store, text, sizeof(text));
	if (!r)
		return r;
	if (r == LGW_EEXIST) {
		log_err(NULL, "%s", text);
		return r;
	}
	snprintf(alarm, sizeof(alarm),
		"%s: all is kept in memory only until the next start, what is stored there waits",
		text);
	hooks->alarm(ud, true, alarm);
	p.file = NULL;
	return store_new(&p, l, ts, hooks, ud, &s->store, text, sizeof(text));
}

int storage_begin(struct storage *s, const struct store_params *params, struct loop *l,
	const struct store_hooks *hooks, void *ud)
{
	int r = begin_store(s, params, l, hooks, ud);

	if (r)
		return r;
	s->numbers = numbers_new(s->store, loop_timers(l));
	if (store_survives(s->store))
		s->tickets = tickets_new(s->store, loop_timers(l));
	return LGW_OK;
}

void storage_end(struct storage *s)
{
	store_free(s->store);
	numbers_free(s->numbers);
	tickets_free(s->tickets);
}
