/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include "session/state.h"
#include "util/mem.h"

struct session_pools *session_pools_new(void)
{
	struct session_pools *p = xcalloc(1, sizeof(*p));

	pool_init(&p->conmsgs, sizeof(struct conmsg), 0);
	pool_init(&p->calls, sizeof(struct call), 0);
	pool_init(&p->exchanges, sizeof(struct exchange), 0);
	pool_init(&p->requests, sizeof(struct done_request), 0);
	pool_init(&p->observers, sizeof(struct observer), 0);
	pool_init(&p->transfers, sizeof(struct transfer), 0);
	TAILQ_INIT(&p->transfers_all);
	map_init(&p->observers_map, &observer_map_ops);
	map_init(&p->requests_map, &dedup_map_ops);
	return p;
}

void session_pools_free(struct session_pools *p)
{
	if (!p)
		return;
	pool_fini(&p->conmsgs);
	pool_fini(&p->calls);
	pool_fini(&p->exchanges);
	pool_fini(&p->requests);
	pool_fini(&p->observers);
	pool_fini(&p->transfers);
	map_fini(&p->observers_map);
	map_fini(&p->requests_map);
	secure_free(p->secure);
	free(p->shared_owner);
	free(p);
}
