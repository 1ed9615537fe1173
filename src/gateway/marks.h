/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which messages of a source had their effect. A broker sends again what it does not know to have
 * arrived, also after we were killed: the marks of the latest batches of each broker are kept in
 * the transaction of their effect.
 */
#ifndef GATEWAY_MARKS_H
#define GATEWAY_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "util/map.h"

#define MARK_BATCHES 4  /* of one broker (LGW_MARK_FROM) */
#define MARK_SLOTS   64 /* of all */

struct store;

struct marks {
	struct store *store; /* or NULL: they end with the process */
	const char *source;
	struct map known;
	struct mark_batch {
		uint64_t *marks;
		size_t n;        /* 0: none */
		uint64_t number; /* larger than those of batches before */
	} batch[MARK_SLOTS];
	uint64_t number; /* of the latest */
};

/* source: a loan. What is known of an earlier life is read. */
void marks_init(struct marks *m, struct store *store, const char *source);
void marks_fini(struct marks *m);
/* Had it its effect? 0 never has. */
bool marks_known(const struct marks *m, uint64_t mark);
/* These n >= 1 of one broker have it now, in the store's transaction that is open; those of its
 * oldest batch are forgotten. */
void marks_add(struct marks *m, const uint64_t *marks, size_t n);
void marks_forget(struct marks *m, uint8_t from);
/* The store has lost them: into it once more. */
void marks_again(struct marks *m);

#endif
