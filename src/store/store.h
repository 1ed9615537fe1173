/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What must survive: facts (small texts and bytes by kind, owner and key) and lines of readings
 * that wait for a server. Changes go to one writer thread, first in, first out, many in one
 * transaction; all calls come from the loop's thread and none waits for the disk, but store_new
 * and line_page.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include "loop/loop.h"
#include "types/record.h"

struct store;
#define LINE_ENOUGH 1 /* of a record_fn: this one does not fit any more */

struct store_line; /* readings of one owner and path that one server wants, oldest first */

enum store_durability {
	STORE_POWER,  /* outlives a power cut: one fsync for each group of changes */
	STORE_PROCESS /* outlives the process */
};

/* What goes where a limit is reached. */
enum store_room {
	STORE_ROOM_OLDEST, /* the oldest readings */
	STORE_ROOM_THIN    /* of the longest line, every second one of its older half */
};

struct store_params {
	const char *file; /* NULL: in RAM only, nothing outlives the process */
	enum store_durability durability;
	uint64_t max_records, max_bytes;     /* in all; beyond them room is made */
	uint64_t owner_records, owner_bytes; /* of one owner */
	int64_t max_age_ms;                  /* 0: none */
	enum store_room room;
	/* What names the time since the machine was started: readings that got their time from our
	 * clock are kept by its uptime, so that a clock which is set later corrects them. NULL:
	 * the clock is right. */
	const char *boot;
};
extern const struct store_params store_params_default;

enum store_fact {
	STORE_REGISTRATION = 1, /* of a client; key: server id */
	STORE_OBSERVATION,      /* of a client; key: server id, path */
	STORE_NUMBERS,          /* OSCORE sequence numbers; key: name of the context */
	STORE_MARKS,            /* messages of a source that had their effect; key: slot */
	STORE_BOOTS,            /* of nobody; key: what names the boot */
	STORE_STATE,            /* what servers wrote to a client; key: path */
	STORE_ATTRS,            /* of a client; key: server id, path */
	STORE_PAUSE,            /* of a server of a client: until when nothing is said to it */
	STORE_TICKET,           /* (D)TLS session, a secret; key: of credentials and peer */
	STORE_KEPT,             /* of a source: what its plugin keeps; key: its name for it */
	STORE_DEVICE,           /* which device has an endpoint name; key: that */
	STORE_ORIGIN,           /* of a client: map and facts of its device */
	STORE_VALUE             /* of a client: what its device said last */
};

struct store_hooks {
	/* Something an operator should know, or that it is well again: one sentence. */
	void (*alarm)(void *ud, bool bad, const char *text);
	/* A new file was begun in the place of a damaged one: facts that are known are to be put
	 * again. Within one group. NULL: none are. */
	void (*renewed)(void *ud);
};

/*
 * Opens the file, or begins a new one, its owner's alone (0600, since it holds secrets): one that
 * is no database or a damaged one is kept aside as FILE.corrupt-N, one of an earlier version is
 * migrated. LGW_EIO with the reason in text when there can be none (also: a file of a later
 * version), LGW_EEXIST when another process has it. l is not used without a file.
 */
int store_new(const struct store_params *p, struct loop *l, struct timers *ts,
	const struct store_hooks *hooks, void *ud, struct store **out, char *text, size_t size);
/* Everything queued is written first, if the disk lets us. Lines become invalid. Takes NULL. */
void store_free(struct store *s);

/* --- groups -------------------------------------------------------------------------------- */

/* Changes between the two are durable together or not at all; they nest. */
void store_begin(struct store *s);
void store_end(struct store *s);
/* fn is called once, from the loop and never from within: LGW_OK when all that was changed before
 * is durable (in RAM: soon), LGW_ECANCELED when it may never be: from store_free, or after
 * store_leave. NULL: nobody waits, but the disk is tried. */
typedef void (*store_fn)(void *ud, int status);
void store_barrier(struct store *s, store_fn fn, void *ud);
/* The process is to end: from now on no barrier waits for a disk that fails. */
void store_leave(struct store *s);
/* Rises with each change: has there been one since? */
uint64_t store_changes(const struct store *s);

/* Is there a file, so that anything outlives the process? */
bool store_survives(const struct store *s);
/* The disk does not take changes at present: a barrier would not fire soon. */
bool store_failing(const struct store *s);

/* --- facts --------------------------------------------------------------------------------- */

/* Copied. owner is at most 255 bytes, key and value are bounded by their callers. */
void store_put(struct store *s, enum store_fact kind, const char *owner, const void *key,
	size_t key_len, const void *value, size_t len);
void store_del(
	struct store *s, enum store_fact kind, const char *owner, const void *key, size_t key_len);
/* All of a kind and owner. */
void store_forget(struct store *s, enum store_fact kind, const char *owner);
typedef void (*store_fact_fn)(
	void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len);
/* Facts of an earlier life, each once: they are handed over and then known only to the caller. fn
 * may change facts, also this one. */
void store_adopt(
	struct store *s, enum store_fact kind, const char *owner, store_fact_fn fn, void *ud);

/* --- lines --------------------------------------------------------------------------------- */

/* The line of an owner, server and path; made if there is none. */
struct store_line *line_get(
	struct store *s, const char *owner, uint16_t ssid, const struct path *p);
/* Each line that an owner has, of this life or an earlier one. fn may drop it. */
typedef void (*line_fn)(
	void *ud, struct store_line *l, uint16_t ssid, const struct path *p, int64_t idle_since);
void line_each(struct store *s, const char *owner, line_fn fn, void *ud);
/* With all that waits in it. Takes NULL. */
void line_drop(struct store_line *l);
/* Since when nobody observes it: Unix ms, 0: somebody does. Remembered over restarts. */
void line_idle(struct store_line *l, int64_t since);
/* At the end; readings are kept in the order of their arrival. LGW_ETOOBIG: a value of more than
 * 64 KiB. */
int line_append(struct store_line *l, const struct record *r);
/* Readings from the oldest on, until fn says LINE_ENOUGH (which counts the one it was given as not
 * taken) or there are no more; *last: the number to be given to line_remove. Other errors of fn
 * are returned. At most 256 at a time. Their times are Unix ms; while the clock is not set, those
 * of this boot are negative: ms from now (as RFC 8428 §4.5.3 tells times before 2^28 s). */
int line_page(struct store_line *l, record_fn fn, void *ud, uint64_t *last);
/* Those up to this number are not wanted any more, since they were delivered, dropped, or replaced
 * by newer ones: for the counters. */
enum line_end { LINE_DELIVERED, LINE_DROPPED, LINE_REPLACED };
void line_remove(struct store_line *l, uint64_t last, enum line_end why);
/* Those with a greater number, which stay; errors of fn are returned. Times as line_page has them.
 */
int line_since(struct store_line *l, uint64_t number, record_fn fn, void *ud);
uint64_t line_newest(const struct store_line *l); /* its number */
uint32_t line_count(const struct store_line *l);
uint64_t line_oldest(const struct store_line *l); /* number of the oldest, UINT64_MAX: none */

/* Readings of all lines are numbered in the order of their arrival: the latest number, and from
 * where on the next ones are numbered, if they are not yet. */
#define STORE_NUMBER_MAX (1ull << 62)
uint64_t store_number(const struct store *s);
void store_numbers_after(struct store *s, uint64_t number);

/* --- looking ------------------------------------------------------------------------------- */

struct store_status {
	uint64_t records, bytes; /* waiting */
	uint64_t max_records, max_bytes;
	uint64_t appended, delivered, dropped; /* since the start */
	uint64_t pending;                      /* changes that are not durable yet */
	int64_t oldest_ms;                     /* Unix ms of the oldest reading, 0: none */
	double in_per_s, out_per_s;            /* means of the last 15 minutes */
	double full_s, empty_s; /* until a limit is reached, or nothing waits; negative: never */
	bool failing;
};
void store_status(struct store *s, struct store_status *out);
/* Is there anything of this owner? */
bool store_knows(struct store *s, const char *owner);
/* Drop what waits, of one owner or of all (NULL); counted. Returns how many. */
uint64_t store_drop(struct store *s, const char *owner);

#endif
