/* SPDX-License-Identifier: BSD-3-Clause */
/* What Linux tells of its network, by rtnetlink. */
#ifndef MACHINE_NET_H
#define MACHINE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include "loop/loop.h"

#define NET_MAX 8

struct net_state {
	char interface[16]; /* the one that is told of; empty: there is none */
	bool wireless;
	bool has_ethernet, has_wlan; /* among all interfaces that are up */
	int signal_dbm;              /* of a wireless one; 0: not known */
	char addresses[NET_MAX][46], routers[NET_MAX][46];
	size_t naddresses, nrouters;
};

/* interface: its name, or NULL: that of the default route. LGW_EIO: netlink does not answer. */
int net_state_read(const char *interface, struct net_state *out);

/* Tells when links, addresses or routes changed; several changes at once are told once or more. */
struct net_watch;
struct net_watch *net_watch_new(struct loop *l, void (*changed)(void *ud), void *ud);
void net_watch_free(struct net_watch *w); /* takes NULL */

#endif
