/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Times of readings where the clock was not set when they came: kept as the machine's uptime, they
 * follow the clock. Private to this folder.
 */
#ifndef STORE_BOOTS_H
#define STORE_BOOTS_H

#include <stdint.h>

#define BOOTS_MAX   16
#define BOOT_ID_MAX 64
#define BOOTS_UNSET 1577836800000 /* Unix ms: before 2020 no clock is right */

struct store;

/* From a start of the machine to the next one. */
struct boot {
	char id[BOOT_ID_MAX];
	uint64_t first; /* number of its first reading */
	int64_t offset; /* Unix ms at uptime 0, as the clock last had it */
	int64_t until;  /* uptime when that was noted */
};

struct boots {
	struct boot boot[BOOTS_MAX]; /* by first */
	unsigned n;                  /* the last one is ours; 0: times are kept as they are */
};

/* After the readings were loaded, of which `oldest` is the smallest number (UINT64_MAX: none). */
void boots_begin(struct store *s, uint64_t oldest);
/* Note the clock, if it was set since the last time. */
void boots_note(struct store *s);
/* All of it, in a new file. */
void boots_again(struct store *s);
/* A time to be kept: the present of our clock becomes -1 - uptime. */
int64_t boots_stamp(const struct store *s, int64_t time_ms);
/* And back, by the number of the reading; see line_page. */
int64_t boots_time(const struct store *s, uint64_t number, int64_t kept);

#endif
