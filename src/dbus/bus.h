/* SPDX-License-Identifier: BSD-3-Clause */
/* org.lwm2m.Gateway1 on the system (or session) bus. */
#ifndef DBUS_BUS_H
#define DBUS_BUS_H

#include <stdbool.h>
#include "gateway/gateway.h"
#include "loop/loop.h"
#include "plugin/host.h"

struct bus;

struct bus_params {
	bool enabled;
	char *address; /* NULL: the system bus; "session"; or a D-Bus address */
	char *group;   /* who may change things beside root: "lwm2m-gateway" */
};
struct bus_hooks {
	/* Reload the configuration; text gets the reason of a failure. */
	int (*reload)(void *ud, char *text, size_t size);
	const char *(*version)(void *ud);
};
/* A bus that is not there is no error: it is tried again with pauses. */
struct bus *bus_new(struct loop *l, const struct bus_params *p, struct gateway *g,
	struct plugins *plugins, const struct link_env *links, const struct session_env *sessions,
	const struct bus_hooks *hooks, void *ud);
void bus_free(struct bus *b);
/* The gateway's hooks that keep the bus true; the daemon connects them. */
extern const struct gateway_hooks bus_gateway_hooks; /* ud: struct bus * */

#endif
