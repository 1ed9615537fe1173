/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rooms of this plugin share. All of it lives in the loop's thread. */
#ifndef MODEM_STATE_H
#define MODEM_STATE_H

#include <libmm-glib.h>
#include <lgw/plugin.h>
#include "conf.h"
#include "lock.h"
#include "profile.h"
#include "radio.h"
#include "selection.h"

#define INBOX_TIDY 32    /* entries of deleted ones that are worth a look */
#define INBOX_MAX  256   /* messages of the modem that are looked at */
#define OUTBOX_MAX 64    /* messages that wait to be sent */
#define DATA_MAX   34170 /* 255 parts of 134 bytes */

/* A message in the modem. */
struct incoming {
	MMSms *sms;
	gulong changed;
	int64_t first_ms; /* when it was seen first */
	bool done;        /* handed on or refused; to be deleted */
	bool looked;      /* there at the last look */
	bool deleted;     /* kept until a look does not show it: one under way still may */
};

struct outgoing {
	struct outgoing *next;
	int64_t since_ms;
	char peer[LGW_PEER_MAX];
	size_t len;
	guint8 data[];
};

/* So many in a span of time, which goes on over a restart. */
struct budget {
	int64_t begin_ms; /* Unix time */
	int64_t used;
	bool alarmed;
};

struct modem {
	const struct lgw_host *host;
	const struct modem_conf *conf;
	GCancellable *cancel; /* of the calls of this epoch */
	unsigned epoch;       /* counts modems: answers to calls of an earlier one are forgotten */
	unsigned pending;     /* calls whose answer is due */
	lgw_stop_fn stopped;
	void *stopped_ud;

	GDBusConnection *bus;
	MMManager *manager;
	struct lgw_timer *retry; /* of the bus */
	int64_t retry_ms;
	struct lgw_timer *ask; /* does ModemManager answer? */
	bool stuck;            /* it does not */

	MMObject *object; /* the modem that is used; NULL: none */
	MMModem *modem;
	MMModem3gpp *net;
	MMModemMessaging *messaging;
	MMModemLocation *location;
	MMModemSignal *signal;
	struct lgw_cellular cellular;    /* as the host was told */
	bool told, asked;                /* it was; location and signal are asked for */
	bool failing;                    /* the last message did not leave */
	bool enabling, scanning, paused; /* paused: it could not be enabled, for now */
	bool ending;                     /* the plugin is being stopped */
	bool scan_wanted;                /* as soon as no data is carried */
	bool scan_early;                 /* the next one is, since the network is lost */
	int64_t scanned_ms;              /* when the last scan was */
	char shown[200];
	bool is_up;      /* the carrier, as the host knows it */
	int64_t held_ms; /* since when it looks for its network; 0: it has it */
	char own[LGW_PEER_MAX];
	struct lgw_timer *hold, *scan;

	struct incoming inbox[INBOX_MAX];
	size_t ninbox;
	bool listing, list_again, deleting;
	bool swept; /* what was there at the begin was looked at */
	struct lgw_timer *inbox_timer;

	struct outgoing *first, *last;
	size_t noutbox;
	bool sending;
	char unsent[160], undeleted[160]; /* why the last message did not leave, or go */
	struct lgw_timer *outbox_timer;
	struct budget hour, day;

	struct lock lock;
	struct radio radio;
	struct selection selection;
	struct profile profiles[PROFILES_MAX];
	struct lgw_timer *profiles_timer; /* they are to be told */
	bool listing_bearers, bearers_seen, was_connected;
};

/* --- modem.c: calls -------------------------------------------------------------------------- */

/* One asynchronous call; ud of its callback. */
struct call {
	struct modem *m;
	unsigned epoch;
	bool lasting;
	void *ud;
};
struct call *call_new(struct modem *m, void *ud);
/* One that goes on while modems come and go. */
struct call *call_new_lasting(struct modem *m, void *ud);
/* Its answer is here. NULL: it is of no use any more. Frees it. */
struct modem *call_end(gpointer call, void **ud);
/* Answers to all that is under way are forgotten from now on. */
void calls_forget(struct modem *m);
/* GLib may have something to do: tell its loop. */
void wake(void);
int64_t now_ms(const struct modem *m);

/* --- watch.c: the bus, ModemManager, and which modem ------------------------------------------ */

void watch_begin(struct modem *m);
void watch_end(struct modem *m);

/* --- machine.c: the states of the modem ------------------------------------------------------- */

/* Something changed: what is to be done, and what is to be shown? */
void machine_step(struct modem *m);
/* There is a modem, or none any more. */
void machine_begin(struct modem *m);
void machine_end(struct modem *m, const char *why);
void machine_scan(struct modem *m);
/* What lwm2mctl shows and the journal tells: fine, on its way, or something that somebody should
 * look at. */
enum show { SHOW_FINE, SHOW_COMING, SHOW_BAD };
void machine_show(struct modem *m, enum show how, const char *text);
bool machine_registered(const struct modem *m);

/* --- facts.c: the network, for the objects of the gateway --------------------------------------
 */

void facts_show(struct modem *m);
void facts_drop(struct modem *m);

/* --- cellular.c: what servers ask for in objects 10, 11, 13 ------------------------------------
 */

extern const struct lgw_cellular_ops modem_cellular;

/* --- inbox.c, outbox.c ------------------------------------------------------------------------ */

void inbox_look(struct modem *m);
void inbox_drop(struct modem *m);
/* To be deleted from the modem. */
void inbox_delete(struct modem *m, MMSms *sms);
void inbox_tick(void *ud);
int outbox_add(void *state, const char *peer, const void *p, size_t len);
void outbox_run(struct modem *m);
void budget_load(struct modem *m); /* what an earlier life had spent */
void outbox_drop(struct modem *m);
void outbox_tick(void *ud);
void outbox_show(struct modem *m);

#endif
