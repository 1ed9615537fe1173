/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon/updates.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "fetch/fetch.h"
#include "gateway/hook.h"
#include "util/mem.h"

struct updates {
	struct parcel_env parcels;
	struct fetch_env *fetch;
	struct hook_exec *exec;
	char *hooks;
};

struct updates *updates_new(struct loop *loop, const struct lwm2m_env *env, struct workers *workers,
	int runner, const char *conf_file)
{
	struct updates *u = xcalloc(1, sizeof(*u));
	const char *slash = conf_file ? strrchr(conf_file, '/') : NULL;

	/* A limit of files is an error like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	u->hooks = conf_file ? xasprintf("%.*s/hooks", slash ? (int)(slash - conf_file) : 1,
				       slash ? conf_file : ".")
			     : xstrdup(LGW_CONFDIR "/hooks");
	u->fetch = fetch_env_new(loop, env->links, env->sessions);
	u->exec = hook_exec_new(loop, u->hooks);
	u->parcels = (struct parcel_env){ u->fetch, workers, &hook_ops_exec, u->exec };
	return u;
}

void updates_free(struct updates *u)
{
	if (!u)
		return;
	fetch_env_free(u->fetch);
	hook_exec_free(u->exec);
	free(u->hooks);
	free(u);
}

const struct parcel_env *updates_parcels(const struct updates *u)
{
	return &u->parcels;
}
