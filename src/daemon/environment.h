/* SPDX-License-Identifier: BSD-3-Clause */
/* What the machine tells of itself, for the gateway's own client. */
#ifndef DAEMON_ENVIRONMENT_H
#define DAEMON_ENVIRONMENT_H

#include "gateway/gateway.h"
#include "loop/loop.h"

struct environment;

struct environment *environment_new(struct loop *loop);
void environment_free(struct environment *e); /* takes NULL */
/* Facts of /3 where the configuration says nothing. Texts are loans. machine_id: where it has no
 * serial number. */
void environment_facts(
	const struct environment *e, const char *machine_id, struct device_facts *out);
/* Tell it memory and network, now and whenever they change. interface: as in gateway_params, looked
 * up each time; both outlive e. */
void environment_watch(
	struct environment *e, struct gateway *g, const char *(*interface)(void *ud), void *ud);

#endif
