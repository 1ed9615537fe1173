/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is kept of devices, so that after a restart each one is there again with its last values,
 * before it speaks: its map and facts at once, new values within minutes and at the end of all.
 * What came after that and waits for a server (store/store.h) is newer, and counts.
 */
#ifndef GATEWAY_REMEMBER_H
#define GATEWAY_REMEMBER_H

#include <stdbool.h>
#include <stdint.h>

struct device;
struct gateway;
struct key;
struct path;
struct record;
struct source;
struct store;
struct value;

#define REMEMBER_MS 300000 /* a new value is kept within this time */

#define REMEMBER_KEY 8 /* bytes of the key of a value; others are kept under their path */
enum { REMEMBER_MAP = 1, REMEMBER_OPTIMISTIC = 2 };

void remember_begin(struct gateway *g);
void remember_end(struct gateway *g);
/* Its map or facts are new. */
void remember_facts(const struct device *d);
/* A value that is no key's own: extremes, and 5750 where it is the name of a key. */
void remember_path(const struct device *d, const struct path *p, const struct value *v);
/* A key has a new value; the first one is kept at once, and with it all that is new of the device:
 * then whatever waits for a server with a larger number came after every value that was kept. */
void remember_key(struct device *d, struct key *k, bool first);
/* All that is new, at once: before maps change, before the end. */
void remember_all(struct gateway *g);
/* The store has lost what was kept of it: once more, as far as its keys are known. */
void remember_again(struct device *d);
/* It is not to be found any more: nothing of it waits to be kept. */
void remember_leave(struct device *d);
/* This is the latest reading of a key, by the hash of its name. */
void remember_value(const struct device *d, const struct record *r, uint64_t hash);
/* Of this endpoint name nothing is kept. store: or NULL. */
void remember_forget(struct store *store, const char *endpoint);

/* --- revive.c ------------------------------------------------------------------------------- */

/* It has just been made, since it spoke: it gets what was kept of it. */
void revive(struct device *d);
/* The source runs: all that an earlier life knew of it are there again. */
void revive_all(struct source *s);

#endif
