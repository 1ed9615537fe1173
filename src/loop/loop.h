/* SPDX-License-Identifier: BSD-3-Clause */
/* The event loop (libevent), its descriptors and signals, and its timers. */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdint.h>
#include "loop/timer.h"

struct loop;

struct loop *loop_new(void);
void loop_free(struct loop *l);
/* Runs until loop_stop; 0, or LGW_EIO. */
int loop_run(struct loop *l);
/* One turn, waiting at most max_ms (for tests). */
int loop_turn(struct loop *l, int64_t max_ms);
void loop_stop(struct loop *l);
struct timers *loop_timers(struct loop *l);

enum { LOOP_READ = 1u << 0, LOOP_WRITE = 1u << 1 };
struct loop_io;
typedef void (*loop_io_fn)(void *ud, int fd, unsigned events);
/* Watch a descriptor (not owned), which no other handle watches; free the handle before it is
 * closed. fn may free any handle. NULL: it cannot be watched. */
struct loop_io *loop_io_new(struct loop *l, int fd, unsigned events, loop_io_fn fn, void *ud);
void loop_io_set(struct loop_io *io, unsigned events);
void loop_io_free(struct loop_io *io); /* takes NULL */

typedef void (*loop_signal_fn)(void *ud, int signo);
/* Handle a signal in the loop until loop_free. */
int loop_signal(struct loop *l, int signo, loop_signal_fn fn, void *ud);

#endif
