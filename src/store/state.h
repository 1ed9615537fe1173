/* SPDX-License-Identifier: BSD-3-Clause */
/* The store as the loop sees it: private to this folder. */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "store/back.h"
#include "store/boots.h"
#include "store/writer.h"
#include "util/map.h"
#include "util/pool.h"
#include "util/wr.h"

#define RATE_MINUTES 15

/* An owner of lines or of facts that nobody asked for yet. */
struct owner {
	struct store *store;
	SLIST_HEAD(, store_line) lines;
	LIST_HEAD(, kept) kept;
	uint64_t bytes;
	uint32_t records;
	uint32_t dropped_s; /* when there was no room for it the last time */
	char name[];
};

/* A fact of an earlier life; in RAM, of this one too. */
struct kept {
	LIST_ENTRY(kept) next;
	enum store_fact kind;
	uint32_t key_len, len;
	uint8_t bytes[]; /* key, value */
};

struct store_line {
	SLIST_ENTRY(store_line) next; /* an owner has few */
	struct owner *owner;
	uint64_t id;
	uint64_t from;        /* no reading has a smaller number */
	uint64_t newest;      /* number of the last one, 0: none ever */
	uint64_t bytes;       /* of what waits */
	uint32_t count;       /* of what waits */
	uint32_t ndisk;       /* of them, on the disk: they come before all that are fresh */
	struct changes fresh; /* in memory: in RAM all, else those that are not durable yet */
	struct changes holes; /* taken out of the disk's, which may not know it yet; by number */
	uint64_t thin_next;   /* where thinning goes on, */
	int64_t idle;
	uint32_t thin_left; /* and how many of the older half it has not seen */
	uint16_t ssid;
	struct path path;
};

struct store {
	struct store_params p;
	struct timers *timers;
	const struct back_ops *ops; /* NULL: in RAM */
	struct back *back;
	struct writer *writer;
	const struct store_hooks *hooks;
	void *ud;
	struct map owners; /* by name */
	struct map lines;  /* by id */
	struct pool line_pool;
	struct changes open; /* not handed to the writer yet */
	unsigned depth;      /* of store_begin */
	struct timer
		soon; /* in RAM: what is open is done; else: who waits is told that it is not */
	struct changes barriers; /* not reached yet */
	uint64_t next_line, next_number, changes, npending;
	uint64_t records, bytes, appended, delivered, dropped;
	uint64_t lost;                /* changes that the end took */
	uint64_t nfresh, fresh_bytes; /* readings in memory */
	struct wr scratch;
	int64_t begun_ms;
	uint32_t dropped_s, aged_s; /* when there was no room, and when some were too old */
	bool failing, leaving, ending;
	struct boots boots;
	struct timer watch; /* of the clock, while readings wait */
	struct {
		int64_t minute;
		uint32_t in, out;
	} rate[RATE_MINUTES];
};

struct owner *store_owner(struct store *s, const char *name, bool make);
void store_owner_release(struct owner *o); /* freed when it is empty */
struct change *store_change(struct store *s, enum change_kind kind, const char *owner,
	const void *key, size_t key_len, const void *value, size_t len);
/* Counts into the means of the last minutes. */
void store_rate(struct store *s, uint32_t in, uint32_t out);

/* One that waits to be adopted; it goes. */
void fact_keep(struct store *s, enum store_fact kind, const char *owner, const uint8_t *key,
	size_t key_len, const uint8_t *value, size_t len);
void fact_unkeep(struct kept *k);
/* Those that wait are written to a new file. */
void facts_again(struct store *s);

extern const struct map_ops line_map_ops;
/* From load, and when the file was begun anew. */
struct store_line *line_make(struct owner *o, uint64_t id, uint16_t ssid, const struct path *p);
void line_announce(struct store_line *l);
void line_settled(struct change *c);  /* CHANGE_APPEND or CHANGE_TAKE is durable */
void line_lost(struct store_line *l); /* what was on the disk is gone */
/* Times from this one on were noted by a clock that was set by so many ms. */
void line_clock_set(struct store_line *l, int64_t from, int64_t step);
void line_free(struct store_line *l);
/* Its readings from a number on, as they are kept, until fn returns not 0, which is returned. */
typedef int (*line_walk_fn)(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len);
int line_walk(struct store_line *l, uint64_t from, line_walk_fn fn, void *ud);
/* One of them, of so many bytes. */
void line_take(struct store_line *l, uint64_t number, size_t len);
/* For one more reading in it (room.c). */
void line_make_room(struct store_line *l);
/* Of drops: an alarm for each burst of them; *last: of whose, when the last one was. */
void __attribute__((format(printf, 3, 4)))
room_tell(struct store *s, uint32_t *last, const char *fmt, ...);

#endif
