/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon/updates.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "dbus/hook.h"
#include "fetch/fetch.h"
#include "gateway/hook.h"
#include "util/mem.h"

/* Where etc/hook looks, which is run as root by lwm2m-gateway-hook@.service. */
#define REQUESTS "/var/lib/lwm2m-gateway/hooks"
#define OUTPUT   "/run/lwm2m-gateway-hooks"

struct updates {
	struct parcel_env parcels;
	struct fetch_env *fetch;
	struct hook_exec *exec; /* one of the two */
	struct hook_systemd *systemd;
	char *hooks;
};

struct updates *updates_new(struct loop *loop, const struct lwm2m_env *env, struct workers *workers,
	const struct updates_params *p)
{
	struct updates *u = xcalloc(1, sizeof(*u));
	const char *slash = p->conf_file ? strrchr(p->conf_file, '/') : NULL;

	/* A limit of files is an error like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	u->hooks = p->conf_file ? xasprintf("%.*s/hooks", slash ? (int)(slash - p->conf_file) : 1,
					  slash ? p->conf_file : ".")
				: xstrdup(LGW_CONFDIR "/hooks");
	u->fetch = fetch_env_new(loop, env->links, env->sessions);
	u->parcels = (struct parcel_env){ .fetch = u->fetch, .workers = workers };
	if (p->runner == HOOK_BY_EXEC) {
		u->exec = hook_exec_new(loop, u->hooks);
		u->parcels.hooks = &hook_ops_exec;
		u->parcels.hooks_ud = u->exec;
	} else {
		u->systemd = hook_systemd_new(loop, p->bus, REQUESTS, OUTPUT);
		u->parcels.hooks = &hook_ops_systemd;
		u->parcels.hooks_ud = u->systemd;
	}
	return u;
}

void updates_free(struct updates *u)
{
	if (!u)
		return;
	fetch_env_free(u->fetch);
	hook_exec_free(u->exec);
	hook_systemd_free(u->systemd);
	free(u->hooks);
	free(u);
}

const struct parcel_env *updates_parcels(const struct updates *u)
{
	return &u->parcels;
}
