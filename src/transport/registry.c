/* SPDX-License-Identifier: BSD-3-Clause */
/* The transports built in: a new one is a file that ends in its ops, and a row here. */
#include <stdlib.h>
#include <string.h>
#include "transport/carrier.h"
#include "transport/dtls.h"
#include "transport/link.h"
#include "transport/linger.h"
#include "transport/tcp.h"
#include "transport/tls.h"
#include "transport/udp.h"
#include "util/err.h"

const struct link_ops *const link_registry[] = {
	&link_ops_udp,
	&link_ops_tcp,
	&link_ops_dtls,
	&link_ops_tls,
	NULL,
};

const struct link_ops *link_ops_find(const struct link_ops *const *ops, const char *scheme)
{
	while (*ops && strcmp((*ops)->scheme, scheme))
		ops++;
	return *ops;
}

int link_new(struct link_env *env, const char *text, const struct cred *cred,
	const struct link_handler *h, void *ud, struct link **out)
{
	const struct link_ops *ops;
	struct uri uri;

	if (uri_parse(&uri, text, strlen(text)))
		return LGW_EINVAL;
	ops = link_ops_find(env->ops, uri.scheme);
	if (!ops && env->carriers)
		ops = carriers_find(env->carriers, uri.scheme);
	if (!ops)
		return LGW_ENOTSUP;
	*out = ops->make(env, &uri, cred, h, ud);
	return *out ? LGW_OK : LGW_ENOTSUP;
}

void link_env_fini(struct link_env *env)
{
	linger_end(env);
}

void link_free(struct link *l)
{
	if (!l)
		return;
	free(l->interface);
	l->interface = NULL;
	l->ops->free(l);
}
