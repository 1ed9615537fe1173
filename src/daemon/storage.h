/* SPDX-License-Identifier: BSD-3-Clause */
/* The store, and what is kept in it for those who do not know it. */
#ifndef DAEMON_STORAGE_H
#define DAEMON_STORAGE_H

#include "lwm2m/numbers.h"
#include "lwm2m/tickets.h"
#include "store/store.h"

struct storage {
	struct store *store;
	struct numbers *numbers; /* of OSCORE */
	struct tickets *tickets; /* of TLS; NULL: none outlives us */
};

/* Without its disk the gateway serves all the same: from memory then, and says so. LGW_EEXIST:
 * another daemon has the file. */
int storage_begin(struct storage *s, const struct store_params *params, struct loop *l,
	const struct store_hooks *hooks, void *ud);
/* When no client and no link is left. Takes one that never began. */
void storage_end(struct storage *s);

#endif
