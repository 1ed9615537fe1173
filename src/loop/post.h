/* SPDX-License-Identifier: BSD-3-Clause */
/* The only door between threads: a mailbox (eventfd) whose letters run in the loop's thread. */
#ifndef LOOP_POST_H
#define LOOP_POST_H

#include "loop/loop.h"

struct post;
typedef void (*post_fn)(void *ud);

struct post *post_new(struct loop *l);
/* Letters that did not run any more are dropped. No thread may send any more. */
void post_free(struct post *p);
/* Any thread; in order of the calls. Those that take long share the loop's turns with all else. The
 * last one may free the mailbox. */
void post_send(struct post *p, post_fn fn, void *ud);
/* Deliver now what is inside, from the loop's thread. */
void post_flush(struct post *p);

#endif
