/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shapes of a client, its servers and their observations: private to this folder. There are
 * ten thousand of each, so what is equal for many lives in struct server_conf and struct clients.
 */
#ifndef LWM2M_STATE_H
#define LWM2M_STATE_H

#include "loop/timer.h"
#include "lwm2m/client.h"
#include "util/log.h"
#include "util/map.h"
#include "util/pool.h"
#include "util/wr.h"

#define NEVER INT64_MAX

/* Parameters of a server with their strings, shared by all clients that have the same ones. */
struct server_conf {
	struct server_params p;
	uint32_t refs;
};

/* A first in, first out line of servers that wait for their turn. */
struct line {
	struct server *first, *last;
};

struct clients {
	struct map by_endpoint;
	struct map confs;
	struct map observations; /* by client and path; equal ones are chained */
	struct pool observation_pool, pending_pool;
	struct line updates, registers; /* waiting for a place; Updates go first */
	uint32_t active;                /* places taken */
	size_t registered;              /* clients, as clients_registered says */
	bool pacing;                    /* pace_run is at work */
	bool ending;                    /* clients_ending */
	struct timer look;              /* at those that look_again says, some in each turn */
	size_t look_at, look_left;      /* where in by_endpoint, and how many are left */
	uint64_t noted;                 /* rises with each note of what servers wrote */
	char text[512];                 /* of client_server_info */
	struct wr body;                 /* scratch: the payload being made, of any size */
};

struct observation {
	struct observation_key {
		const struct client *client;
		struct path path;
	} key;
	uint16_t format; /* Content-Format of the whole observation */
	uint8_t con;
	bool pending : 1;  /* a change waits for pmin, or for the link */
	bool numeric : 1;  /* sent and last hold numbers */
	bool notified : 1; /* once at least */
	bool burst : 1; /* the last message was one of several, not confirmable: to be confirmed */
	bool too_big : 1;      /* its last notification did not fit, which was logged */
	bool absent : 1;       /* of an earlier life: what it observes has not come to be again */
	bool ripe : 1;         /* what waits in its line may go out */
	bool more : 1;         /* the message in flight does not hold all that was there */
	bool held : 1;         /* a change waits for epmin */
	bool conditions : 1;   /* ATTR_GT, ATTR_LT or ATTR_ST is in force */
	uint32_t shape;        /* of an object: hash of its instance ids */
	uint32_t pmin, pmax;   /* s, in force; pmax 0: none */
	uint32_t epmin, epmax; /* s; 0: none */
	struct server *server;
	struct observer *observer;       /* NULL: it ended, but what it observed is still wanted */
	struct store_line *line;         /* readings that wait; NULL: nothing is stored for it */
	int64_t wanted_until;            /* monotonic, without an observer */
	uint64_t flight;                 /* up to here they are in the message that went last */
	struct observation *same;        /* the next one of this client and path */
	struct observation *next, *prev; /* of this server */
	int64_t last_ms;                 /* when the last message left */
	int64_t eval_ms;                 /* when its value was looked at last, for epmin, epmax */
	int64_t due_ms;                  /* when the next one is due, or NEVER */
	double sent, last;               /* value in the last message, and the newest */
};

enum server_want {
	WANT_UPDATE = 1u << 0,   /* an Update, whatever it says */
	WANT_BINDING = 1u << 1,  /* b= in the next Update */
	WANT_LIST = 1u << 2,     /* the list of objects in the next Update */
	WANT_REGISTER = 1u << 3, /* an Update is not enough */
	WANT_DISABLE = 1u << 4,  /* /1/x/4 was executed */
	WANT_SMS = 1u << 5       /* sms= in the next Update */
};

enum server_doing { DOING_NOTHING, DOING_REGISTER, DOING_UPDATE, DOING_DEREGISTER };

struct server {
	struct client *client;
	struct server *next;
	struct server_conf *conf;
	struct server_conf *session_conf; /* the one that the session borrows from */
	struct session *session;  /* the one that the registration goes over: one of these */
	struct session *ip, *sms; /* NULL: there is none */
	struct oscore *oscore;    /* the context of the session, NULL: none */
	struct call *call;
	struct timer timer; /* the earliest of the due times below */
	int64_t due_ms;     /* of the registration */
	int64_t report_ms;  /* of the observations */
	int64_t place_ms;   /* when the place in the start storm is given up */
	int64_t sleep_ms; /* queue mode: end of the awake window; NEVER: asleep, or always there */
	struct server *wait_next, *wait_prev;
	struct observation *observations; /* and what is wanted without one */
	struct observation *flight;       /* whose stored readings wait for an acknowledgement */
	uint8_t *location;                /* options of the location: number, length, bytes … */
	uint16_t location_len;
	uint16_t ssid;
	uint8_t state, told; /* enum server_state; the one that the owner knows */
	uint8_t doing;       /* enum server_doing */
	uint8_t want, sent;  /* WANT_*: to be said; said in the request under way */
	bool registered : 1;
	bool queue : 1;                  /* the server was told that it is in queue mode */
	bool waiting : 1, has_place : 1; /* in a line; counted in clients.active */
	bool opening : 1;                /* the link was asked to open for a request */
	bool retiring : 1;               /* its account is gone: freed once it is de-registered */
	bool silent : 1;                 /* it does not answer: what is stored waits */
	bool pause_noted : 1;            /* the store knows until when it is left alone */
	bool recheck : 1;                /* instances came or went: do the observed ones exist? */
	uint32_t pause_ms;               /* the last pause after a failure */
	uint32_t pmin, pmax;             /* /1/x/2 and /1/x/3, s; 0: none */
	int last_error;
	uint16_t nobservations, nwanted; /* all; of them, without an observer */
	int64_t lifetime, lifetime_sent; /* s, as the server knows it; as the request says */
	int64_t update_ms, expires_ms;   /* next Update; end of the registration */
	int64_t resume_ms;               /* end of a Disable */
	int64_t registered_wall_ms, updated_wall_ms;
	uint64_t notifications, requests;
};

struct client_stop {
	struct timer timer;
	void (*done)(void *ud);
	void *ud;
	int64_t limit_ms; /* monotonic */
};

struct client {
	struct lwm2m_env *env;
	struct dm *dm;
	struct objects *objects;
	const struct client_hooks *hooks;
	void *ud;
	struct server *servers;
	struct client_stop *stop; /* while it stops */
	struct notes *notes;      /* what servers wrote; NULL: nothing */
	uint32_t nobservations;
	uint16_t nregistered; /* servers that are, by server_is_registered */
	bool running, main;
	bool quiet;      /* values that come are known to the servers */
	bool loaded;     /* what servers write is noted from here on */
	bool look_again; /* the network changed: is our address another one by now? */
	char endpoint[];
};

static inline struct timers *client_timers(const struct client *c)
{
	return c->env->timers;
}

static inline int64_t client_now(const struct client *c)
{
	return timers_now(c->env->timers);
}

/* Who a log line of this server is about. */
#define SERVER_LOG(s_) \
	(&(struct log_ctx){ .endpoint = (s_)->client->endpoint, .peer = server_peer(s_) })
const char *server_peer(const struct server *s);

#endif
