/* SPDX-License-Identifier: BSD-3-Clause */
/* One LwM2M client: its tree, its servers, their registrations and observations. */
#ifndef LWM2M_CLIENT_H
#define LWM2M_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include "dm/dm.h"
#include "objects/account.h"
#include "objects/env.h"
#include "session/session.h"
#include "types/version.h"

struct client;
struct clients;
struct store;

/* What all clients of the process share; outlives them. */
struct lwm2m_env {
	struct timers *timers;
	struct link_env *links;
	struct session_env *sessions;
	struct store *store;   /* what waits for servers; NULL: nothing is stored */
	int64_t orphan_ttl_ms; /* how long readings are kept that nobody observes any more */
	const struct oscore_ops *oscore; /* where sender sequence numbers are reserved */
	void *oscore_ud;
	struct objdefs *defs;
	struct clients *clients; /* lwm2m/clients.h */
	/* Registrations and updates that may be under way at once in the process (start storms);
	 * 0: no limit. */
	uint32_t max_concurrent;
};

#define FORMAT_BY_VERSION 0
/* What is stored of a path that changes again and again. */
enum history_mode {
	HISTORY_AUTO, /* each reading, where the format of the observation can say its time */
	HISTORY_ALL,
	HISTORY_LATEST
};

/* Protocol options of one server, beside its account. */
struct server_params {
	struct account account;
	enum lwm2m_version version; /* lwm2m= of Register */
	int format; /* of reads that ask for none: a Content-Format, or FORMAT_BY_VERSION */
	struct session_params session;
	struct session_params sms; /* of the session by SMS beside the one of the URI */
	const char *requests_to;   /* endpoint that a server's requests by SMS go to; NULL: main */
	uint8_t denied;  /* bits of enum dm_right that it lacks where there are other servers */
	bool notify_con; /* every notification confirmable */
	bool linked;     /* JSON of 1.0 holds the instances that its values link to (1.0 §6.4.4) */
	enum history_mode history;
	bool deregister_on_stop;           /* on_stop = deregister (default) or keep */
	uint32_t retry_min_s, retry_max_s; /* 1, 300: pauses after a failed registration */
	uint32_t awake_ms; /* queue mode: how long after the last message a client listens; 0:
			    * MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2) of its session, 93 s by default */
};

#define SERVERS_MAX 16 /* of one client */

struct client_params {
	const char *endpoint; /* endpoint name, 1..252 bytes: "ep=" and it are one option */
	const struct server_params *servers;
	size_t nservers;
	struct device_facts facts; /* /3/0 */
	bool main; /* the gateway's own: what comes by SMS and names no client is for it */
};

/* Only server_state may free the client, or stop it; no hook may free another client. */
struct client_hooks {
	/* A server's registration changed state: for the bus and the log. From the loop. */
	void (*server_state)(void *ud, struct client *c, uint16_t ssid);
	/* Any value changed, as dm_hooks.value, after the client's own use of it. */
	void (*value)(void *ud, struct client *c, const struct path *p, const struct value *v,
		int64_t time_ms, bool changed);
	/* /3/0/4 and /3/0/5; NULL: not offered. As obj_env. */
	int (*reboot)(void *ud, struct client *c, struct dm_op *op);
	int (*factory_reset)(void *ud, struct client *c, struct dm_op *op);
	/* A server observes p, or does no longer: who wants values (for later storing). */
	void (*observed)(void *ud, struct client *c, const struct path *p, bool on);
	/* The interface of this profile's data connection (/1/x/10): a loan; "": it is not there,
	 * NULL: not known. NULL: no profiles. client_bearer_changed tells of changes. */
	const char *(*bearer)(void *ud, struct client *c, uint16_t profile);
	/* A server asks by SMS for a bootstrap, which nobody takes (/1/x/9). */
	void (*bootstrap_trigger)(void *ud, struct client *c, uint16_t ssid);
};

/* Objects 0, 1 and 3 are there; the owner adds its own to client_dm before client_start. Params
 * are copied; hooks may be NULL. NULL with *err set. */
struct client *client_new(struct lwm2m_env *env, const struct client_params *p,
	const struct client_hooks *hooks, void *ud, int *err);
/* Sessions end at once, without De-register. */
void client_free(struct client *c);
/* What servers wrote in an earlier life, to what lies at or below p, is written again; to be called
 * when something is whole that came to be after client_start. */
void client_recall(struct client *c, const struct path *p);
/* While quiet, values that the tree gets are of an earlier life: they are not reported. */
void client_quiet(struct client *c, bool quiet);
/* Register with every server, each on its own. */
int client_start(struct client *c);
/* De-register where wanted, then done; ends by itself after at most limit_ms. done is called from
 * the loop, never from within, and may free the client. client_start takes it back. */
void client_stop(struct client *c, int64_t limit_ms, void (*done)(void *ud), void *ud);
/* New accounts and parameters: what did not change goes on undisturbed; what a server wrote stays
 * until the configuration of its account changes. Facts too. */
int client_reconfigure(struct client *c, const struct client_params *p);

/* A reading of p from before the one that is there, so that it cannot replace it: servers whose
 * history is kept get it with its time (Unix ms). */
void client_late(struct client *c, const struct path *p, const struct value *v, int64_t time_ms);

struct dm *client_dm(struct client *c);
const char *client_endpoint(const struct client *c);
void *client_ud(const struct client *c);
struct objects *client_objects(struct client *c);
/* How it talks to this server, with its keys: a loan until the next change; NULL: no such server.
 */
const struct server_params *client_server(const struct client *c, uint16_t ssid);
/* The interface that all goes over that this server asks for (/1/x/10), as client_hooks.bearer. */
const char *client_interface(const struct client *c, uint16_t ssid);
/* A peripheral error code of /3/0/11 (LwM2M 1.0 E.4). */
void client_error(struct client *c, uint8_t code, bool present);
/* Send an Update now, to one server or to all (ssid 0). LGW_ENOENT. */
int client_update(struct client *c, uint16_t ssid);
/* The data connection of this profile (PATH_ID_NONE: of any) came, went, or is on another
 * interface. */
void client_bearer_changed(struct client *c, uint16_t profile);
/* The device began anew (it was rebooted): Register with every server again, which ends their
 * observations (LwM2M 1.0 §5.3.1). Those that are not registered are left as they are. */
void client_renew(struct client *c);
/* It will not come back: drop what is stored for its servers, and what they wrote. */
void client_forget(struct client *c);

enum server_state {
	SERVER_STOPPED,
	SERVER_CONNECTING, /* resolving, opening the link */
	SERVER_REGISTERING,
	SERVER_REGISTERED,
	SERVER_UPDATING, /* still registered */
	SERVER_RETRYING, /* failed; waiting for retry_at */
	SERVER_DISABLED, /* /1/x/4, until retry_at */
	SERVER_DEREGISTERING
};
const char *server_state_text(enum server_state s);
/* It knows the client, and answers as far as is known: not while an Update is in vain. */
static inline bool server_is_registered(enum server_state s)
{
	return s == SERVER_REGISTERED || s == SERVER_UPDATING;
}

struct server_info {
	const char *name, *uri;
	const char *peer; /* address in words, or the URI */
	uint16_t ssid;
	enum server_state state;
	bool asleep;                /* in queue mode, and its awake window is over */
	const char *location;       /* "/rd/abc" or NULL */
	int64_t lifetime;           /* s */
	int64_t registered_wall_ms; /* 0: not */
	int64_t last_update_wall_ms;
	int64_t retry_wall_ms; /* when the next attempt comes, 0: none */
	int last_error;        /* enum lgw_status, or a CoAP code << 8 */
	uint32_t observations;
	uint64_t notifications, requests;
};
/* i = 0, 1 …; false at the end. Strings are loans. */
bool client_server_info(const struct client *c, size_t i, struct server_info *out);

#endif
