/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Object 13: which technologies and which networks the modem uses. What a server wrote outlives the
 * process, and is asked of each modem that comes.
 */
#ifndef MODEM_SELECTION_H
#define MODEM_SELECTION_H

#include <libmm-glib.h>
#include <lgw/plugin.h>

#define BEARERS_MAX   8
#define OPERATORS_MAX 16
#define SCANS_MAX     8 /* requests that wait for one scan */

struct modem;

/* What can be written of it; a plain copy. */
struct selection_conf {
	int32_t chosen; /* by a server; else bearers[] shows what the modem has */
	int32_t only;   /* no other networks than these */
	int32_t riid[BEARERS_MAX], bearer[BEARERS_MAX]; /* of /13/0/0; bearer < 0: none */
	char operators[OPERATORS_MAX * 7];              /* "00101,26201"; empty: any */
};

struct selection {
	struct selection_conf c;
	struct selection_conf next;       /* while it is asked of the modem */
	uint64_t id;                      /* of the write that waits for it; 0: none */
	bool busy;                        /* a call about technologies, or networks, is under way */
	bool modes_asked, networks_asked; /* of this modem */
	bool changed;            /* the list was, by a server: also an empty one is asked for */
	bool stale;              /* it was changed while a network of the former one is tried */
	bool waits;              /* none could be used: until the timer */
	size_t at;               /* which network of the list is tried */
	struct lgw_timer *timer; /* until they are tried anew */
	uint64_t scans[SCANS_MAX];
	size_t nscans;
	char found[200]; /* by the last scan */
};

void selection_begin(struct modem *m);
void selection_end(struct modem *m);
/* After each change of the modem. */
void selection_step(struct modem *m);
/* The modem is gone. */
void selection_drop(struct modem *m);
/* Room of cellular.c. */
int selection_check(struct modem *m, const struct lgw_setting *s, size_t n);
int selection_apply(struct modem *m, uint64_t id, const struct lgw_setting *s, size_t n);
int selection_refresh(struct modem *m, uint64_t id, int32_t instance, int32_t resource);

#endif
