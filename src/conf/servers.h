/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of one server: what fits together, and the parameters that come of them. */
#ifndef CONF_SERVERS_H
#define CONF_SERVERS_H

#include "conf/tables.h"

/* Fills in what is absent, and makes numbers canonical. LGW_EINVAL with the reason in text. p: the
 * plugins that are configured, one of which may bring SMS. */
int servers_check(
	struct server_conf *s, const struct plugin_conf *p, size_t n, char *text, size_t size);
/* Of two servers: what they may not have both, in text; or LGW_OK. */
int servers_clash(
	const struct server_conf *a, const struct server_conf *b, char *text, size_t size);
/* Is there a client that registers with both? */
bool servers_overlap(const struct server_conf *a, const struct server_conf *b);
/* Borrows the texts of s. */
void servers_fill(struct server_params *to, const struct server_conf *s);
/* Who registers there: NULL for all, "" for the gateway, or an endpoint name; a loan. */
const char *servers_whom(const struct server_conf *s);

#endif
