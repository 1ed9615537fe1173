/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data connections: each profile (an instance of object 11) is a bearer of ModemManager that is
 * kept up while the profile is enabled and the network is one that it may use. The addresses of its
 * interface are NetworkManager's or systemd-networkd's to set; here they are told only.
 */
#ifndef MODEM_PROFILE_H
#define MODEM_PROFILE_H

#include <libmm-glib.h>
#include <lgw/plugin.h>

#define PROFILES_MAX 8
#define ATTEMPTS_MAX 4  /* of each profile that are told (9 to 12) */
#define VALID_MAX    8  /* networks for which a profile holds */
#define DELAYS_MAX   16 /* of a reconnect schedule */

struct modem;
struct modem_conf; /* conf.h */

/* What /11/x/10 says, and /11/x/4 and 24 take. */
enum { RESULT_ACCEPTED = 0, RESULT_REJECTED = 1, RESULT_PENDING = -1 };
enum { AUTH_PAP, AUTH_CHAP, AUTH_ANY, AUTH_NONE };
enum { PDN_NON_IP, PDN_IPV4, PDN_IPV6, PDN_IPV4V6 };

/* What can be written of it; a plain copy. */
struct profile_conf {
	char name[65], apn[101], user[101], secret[101], schedule[129];
	bool automatic; /* no APN is given: the network takes its own */
	bool enabled;
	int auth, pdn;
	struct {
		int32_t riid; /* of /11/x/8; < 0: none */
		char plmn[8]; /* "262,01" */
	} valid[VALID_MAX];
};

struct attempt {
	int64_t begin_s, end_s; /* Unix time; 0: not yet */
	int result, cause;      /* cause of 3GPP TS 24.008, 24.301; < 0: not known */
};

struct profile {
	struct modem *m;
	uint16_t id;
	bool used, leaving; /* leaving: removed while a call is under way */
	struct profile_conf c;

	MMBearer *bearer; /* or NULL */
	bool mine;        /* we keep it up; others are shown only */
	bool busy;        /* a call about it is under way */
	bool stale;       /* the bearer has other properties than the profile by now */
	bool connected, waits;
	struct lgw_timer *timer;               /* until the next attempt, while it waits */
	int64_t since_ms;                      /* when it was connected */
	unsigned fails;                        /* in a row */
	char why[160];                         /* it is not connected; empty: nothing is wrong */
	struct attempt attempts[ATTEMPTS_MAX]; /* the newest is nattempts - 1, modulo */
	unsigned nattempts;
	guint64 sent, received, sent_now, received_now; /* bytes: before, and of this connection */
};

/* --- profile.c: what a profile is, and object 11 -----------------------------------------------
 */

/* The configured one is 0. Again after a reload (old: the options before): a change of the
 * configuration wins over what a server wrote. */
void profiles_begin(struct modem *m, const struct modem_conf *old);
void profiles_end(struct modem *m);
struct profile *profile_find(struct modem *m, uint16_t id);
/* Something of it is to be told, soon. */
void profile_changed(struct profile *p);
/* The slot is free again. */
void profile_release(struct profile *p);
/* Seconds of the n-th pause (0 …) of this schedule; -1: there is none, or the text is no schedule.
 */
int64_t profile_delay_s(const char *schedule, unsigned n);
/* Room of cellular.c. */
int profile_check(struct modem *m, const struct lgw_setting *s, size_t n);
int profile_apply(struct modem *m, uint64_t id, const struct lgw_setting *s, size_t n);
int profile_create(void *state, uint16_t id);
int profile_remove(void *state, uint16_t id);
void profile_gone(void *state, uint16_t id);

/* --- remember.c: what servers wrote of it, over a restart ---------------------------------------
 */

void profile_remember(const struct profile *p);
void profile_forget(const struct profile *p);
/* What an earlier life remembered of this slot (p->m is set, the first slot is the configured
 * profile's); false: nothing that holds. */
bool profile_recall(struct profile *p, uint16_t *id);

/* Which bearers are ours at present, and whether this one was in an earlier life of ours. */
void bearers_remember(const struct modem *m);
bool bearer_was_ours(const struct modem *m, const char *path);
/* Is there none but those? */
bool bearers_all_ours(const struct modem *m);
/* Is one being made, connected, or let go? */
bool bearers_busy(const struct modem *m);

/* --- bearer.c: the connection of a profile ------------------------------------------------------
 */

/* What is to be done for all of them? After each change of the modem. */
void bearers_step(struct modem *m);
void bearer_step(struct profile *p);
void bearer_retry(void *profile); /* its timer */
/* Of one that is connected; "": by PPP, on an interface that ModemManager does not know. */
const char *bearer_interface(const struct profile *p);
/* The modem is gone. */
void bearers_drop(struct modem *m);
/* A profile is wanted, and not connected: IP connectivity failure (/3/0/11). */
bool bearers_failing(const struct modem *m);

#endif
