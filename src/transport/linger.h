/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections that are closed while the kernel has not taken all that was said in them yet: the
 * rest goes first, for some seconds and without their link.
 */
#ifndef TRANSPORT_LINGER_H
#define TRANSPORT_LINGER_H

#include "transport/link.h"
#include "util/wr.h"

#define LINGER_MS  3000 /* then the rest is lost */
#define LINGER_MAX 64   /* connections at a time; the rest of further ones is lost */

/* Takes the descriptor and the bytes, which may be none: then it is closed at once. */
void linger(struct link_env *env, int fd, struct wr *rest);
/* Give them all up, before the loop goes. */
void linger_end(struct link_env *env);

#endif
