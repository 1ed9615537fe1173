/* SPDX-License-Identifier: BSD-3-Clause */
/* What plugins keep by name (lgw_host.keep, kept): in memory, and in the store for the next life.
 */
#ifndef GATEWAY_KEPT_H
#define GATEWAY_KEPT_H

#include <stddef.h>
#include <sys/queue.h>

struct kept;
struct store;

LIST_HEAD(kept_list, kept);

/* What an earlier life of this source had kept, taken over once. store NULL: there is none. */
void kept_load(struct kept_list *l, struct store *store, const char *source);
void kept_free(struct kept_list *l);
/* As in lgw_host. */
int kept_put(struct kept_list *l, struct store *store, const char *source, const char *name,
	const void *p, size_t len);
/* The store has lost it: into it once more. */
void kept_again(const struct kept_list *l, struct store *store);
int kept_get(
	const struct kept_list *l, const char *source, const char *name, void *buf, size_t size);

#endif
