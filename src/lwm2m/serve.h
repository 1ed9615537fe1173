/* SPDX-License-Identifier: BSD-3-Clause */
/* A server's request: method, path and options make an operation (LwM2M 1.0 §5.4, §5.5). */
#ifndef LWM2M_SERVE_H
#define LWM2M_SERVE_H

#include "session/session.h"
#include "types/path.h"

/* session_handler.request; ud is the struct server. */
void serve_request(void *ud, struct exchange *x, const struct coap_msg *req);

/* session_handler.body: bodies in blocks are taken while the server is served at all. */
bool serve_body(void *ud, const struct coap_msg *first, struct body_sink *sink);

/* The path that a request names; LGW_ENOENT: no path of LwM2M. */
int serve_path(const struct coap_msg *m, struct path *p);

#endif
