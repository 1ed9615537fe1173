/* SPDX-License-Identifier: BSD-3-Clause */
/* The one thread that writes: changes in the order of their coming, all that wait in one go. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "loop/loop.h"
#include "store/back.h"

struct writer;

struct writer_hooks {
	/* From the loop: these are durable, or void; or will never be (LGW_ECANCELED, at the end).
	 * The list is the callee's. */
	void (*done)(void *ud, struct changes *list, int status);
	/* From the loop: it failed, or works again (ok), or began anew with an empty file. */
	void (*state)(void *ud, bool ok, bool renewed, const char *why);
};

struct writer *writer_new(struct loop *l, const struct back_ops *ops, struct back *b,
	const struct writer_hooks *hooks, void *ud);
/* Writes what is left, once; gives what it could not write and what was not told to hooks->done. */
void writer_free(struct writer *w);
/* Takes all of the list. */
void writer_push(struct writer *w, struct changes *list);
/* Make void what the thread has not taken yet; false: it has. */
bool writer_void(struct writer *w, struct change *c);

#endif
