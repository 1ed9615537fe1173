/* SPDX-License-Identifier: BSD-3-Clause */
/* A small pool of threads for what blocks: names, digests of files, signatures of an HSM. */
#ifndef LOOP_WORK_H
#define LOOP_WORK_H

#include "loop/loop.h"

struct workers;
struct work; /* one job */

struct workers *workers_new(struct loop *l, unsigned threads);
/* Waits for jobs that run; every job not delivered yet ends with done(ud, canceled = true). */
void workers_free(struct workers *w);
/*
 * run(ud) in a thread, then done(ud, canceled) in the loop's thread. After work_cancel done is
 * still called, once, with canceled = true: it must only release ud.
 */
struct work *work_start(
	struct workers *w, void (*run)(void *ud), void (*done)(void *ud, bool canceled), void *ud);
void work_cancel(struct work *job);

#endif
