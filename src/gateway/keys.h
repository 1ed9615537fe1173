/* SPDX-License-Identifier: BSD-3-Clause */
/* What each client has of its own towards its servers: keys by the templates of the configuration.
 */
#ifndef GATEWAY_KEYS_H
#define GATEWAY_KEYS_H

#include "gateway/params.h"

/* Names of algorithms for the configuration, and their COSE numbers. */
extern const char *const oscore_algorithms[];
extern const int oscore_algorithm_ids[];

/* OSCORE towards one server, of a client with this endpoint and device; *out NULL where t has no
 * secret. LGW_EINVAL and others with the reason
 * in text. */
int keys_oscore(const struct oscore_conf *t, const struct name_parts *who,
	const struct oscore_cred **out, char *text, size_t size);

/* The servers of p that are for this client (self: the gateway's own), with its keys, to be given
 * back by keys_drop: *n of them. p->nservers at most SERVERS_MAX. */
int keys_make(const struct gateway_params *p, const struct name_parts *who, bool self,
	struct server_params *out, size_t *n, char *text, size_t size);
void keys_drop(struct server_params *s, size_t n);

#endif
