/* SPDX-License-Identifier: BSD-3-Clause */
/* The SIM: whether there is one, what unlocks it, and looking again once something about it may
 * have changed. */
#ifndef MODEM_LOCK_H
#define MODEM_LOCK_H

#include <libmm-glib.h>
#include <stdbool.h>
#include <stdint.h>

struct lgw_timer;
struct modem;

#define PIN_DIGEST 64 /* hexadecimal digits */

/* The PIN that was tried last; kept over a restart, so that a wrong one stays the only one. */
struct pin_note {
	char digest[PIN_DIGEST]; /* of SIM and PIN; "": none was tried, or it was right */
	int64_t before, left; /* attempts that the SIM allowed, before and since; < 0: not known */
};

struct lock {
	MMSim *sim;           /* of the locked modem */
	bool asking, sending; /* for the SIM; the PIN */
	bool denied;          /* we may not */
	struct pin_note note;
	int64_t noted_ms; /* when it was made */
	struct lgw_timer *timer;
	GCancellable *cancel; /* of what goes on while the modem is away */
	bool waits;           /* … to look again */
	bool bad;             /* somebody has to see to the SIM: nothing is sent meanwhile */
	/* ModemManager is made to look at the modem again: it goes, and comes back. What is seen of
	 * that is no news. */
	bool looking, gone;
	bool told; /* that it cannot be made to */
};

void lock_begin(struct modem *m);
void lock_end(struct modem *m);
/* The modem failed or is locked: what is to be done about it, and to be shown. */
void lock_step(struct modem *m, MMModemState state);
/* After each step of the modem. */
void lock_settle(struct modem *m, MMModemState state);
/* The modem goes. */
void lock_drop(struct modem *m);
/* ModemManager is gone, too: no one looks. */
void lock_calm(struct modem *m);

#endif
