/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hooks run by the manager of the system: lwm2m-gateway-hook@JOB.service is started over the bus,
 * which polkit allows for that unit alone. What to run stands in a file REQUESTS/JOB, a line
 * NAME=VALUE each; what the program wrote is in OUTPUT/JOB afterwards.
 */
#ifndef DBUS_HOOK_H
#define DBUS_HOOK_H

#include "gateway/hook.h"
#include "loop/loop.h"

struct hook_systemd;

extern const struct hook_ops hook_ops_systemd;
/* address: as bus_params has it. Copied. */
struct hook_systemd *hook_systemd_new(
	struct loop *loop, const char *address, const char *requests, const char *output);
/* What runs goes on, untold. Takes NULL. */
void hook_systemd_free(struct hook_systemd *h);

#endif
