/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Object 10: the service centre of messages, and the radio that a server switches off for a while.
 * When the time is over the radio is on again, whatever became of this process meanwhile.
 */
#ifndef MODEM_RADIO_H
#define MODEM_RADIO_H

#include <libmm-glib.h>
#include <lgw/plugin.h>

#define SMSC_MAX 22 /* a plus, 20 digits of an address in TS 23.040, the NUL */

struct modem;

struct radio {
	char smsc[SMSC_MAX]; /* what a server wrote; empty: the SIM's own */
	char seen[SMSC_MAX]; /* over which the last message came */
	int64_t until_ms;    /* Unix time; 0: nobody wants it off */
	int64_t period_ms;
	bool off;      /* to be, and to stay so; the answer to the server has left */
	bool busy;     /* a call about it is under way */
	bool asked;    /* the modem was, to switch its transmitter off; not every one can */
	unsigned held; /* so often it waited for messages that are to leave first */
	struct lgw_timer *timer;
};

void radio_begin(struct modem *m);
void radio_end(struct modem *m);
/* Of a modem that must be off; after each of its changes. */
void radio_step(struct modem *m);
/* Calls of a modem that is gone do not end. */
void radio_drop(struct modem *m);
/* A message came over this service centre, which may be NULL. */
void radio_smsc_seen(struct modem *m, const char *smsc);
/* Room of cellular.c. */
int radio_check(struct modem *m, const struct lgw_setting *s, size_t n);
int radio_apply(struct modem *m, uint64_t id, const struct lgw_setting *s, size_t n);

#endif
