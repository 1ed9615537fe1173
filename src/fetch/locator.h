/* SPDX-License-Identifier: BSD-3-Clause */
/* A coap URI with path and query (RFC 7252 §6.4). */
#ifndef FETCH_LOCATOR_H
#define FETCH_LOCATOR_H

#include "coap/msg.h"
#include "fetch/fetch.h"

struct locator {
	char server[FETCH_URI_MAX + 1];   /* "coaps://host:port" */
	uint8_t bytes[FETCH_URI_MAX + 1]; /* of the options, without their percent signs */
	struct coap_opt opts[16];
	unsigned n;
};

/* LGW_EINVAL: it is none. A fragment is passed over. */
int locator_parse(struct locator *l, const char *uri);
/* Its path and query as options of m, which borrows them. */
int locator_options(const struct locator *l, struct coap_msg *m);

#endif
