/* SPDX-License-Identifier: BSD-3-Clause */
/* What updates of firmware and software need: downloads, workers, hooks. */
#ifndef DAEMON_UPDATES_H
#define DAEMON_UPDATES_H

#include "gateway/parcel.h"
#include "lwm2m/client.h"
#include "loop/loop.h"

struct updates;

struct updates_params {
	int runner;            /* HOOK_BY_* */
	const char *conf_file; /* its folder has one of hooks; NULL: the usual one */
	const char *bus;       /* address of the bus for HOOK_BY_SYSTEMD */
};

/* loop, env and workers outlive the result. */
struct updates *updates_new(struct loop *loop, const struct lwm2m_env *env, struct workers *workers,
	const struct updates_params *p);
void updates_free(struct updates *u); /* after the gateway; takes NULL */
const struct parcel_env *updates_parcels(const struct updates *u);

#endif
