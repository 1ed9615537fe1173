/* SPDX-License-Identifier: BSD-3-Clause */
/* The transports built in: a new one is a file that ends in its ops, and a row here. */
#include <string.h>
#include "transport/link.h"
#include "transport/udp.h"
#include "util/err.h"

const struct link_ops *const link_registry[] = {
	&link_ops_udp,
	NULL,
};

int link_new(struct link_env *env, const char *text, const struct cred *cred,
	const struct link_handler *h, void *ud, struct link **out)
{
	struct uri uri;

	if (uri_parse(&uri, text, strlen(text)))
		return LGW_EINVAL;
	for (size_t i = 0; env->ops[i]; i++) {
		if (strcmp(env->ops[i]->scheme, uri.scheme))
			continue;
		*out = env->ops[i]->make(env, &uri, cred, h, ud);
		return *out ? LGW_OK : LGW_ENOTSUP;
	}
	return LGW_ENOTSUP;
}

void link_free(struct link *l)
{
	if (l)
		l->ops->free(l);
}
