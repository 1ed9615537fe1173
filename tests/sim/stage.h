/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One client of ours and the servers it talks to, played by the test in virtual time. The messages
 * that the client sends are taken one by one; nothing may be left over where stage_quiet says so.
 */
#ifndef SIM_STAGE_H
#define SIM_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "lwm2m/client.h"
#include "lwm2m/clients.h"
#include "scripted.h"
#include "util/err.h"

#define STAGE_SERVERS 3

struct stage {
	struct script sc;
	struct objdefs *defs;
	struct lwm2m_env env;
	struct server_params servers[STAGE_SERVERS]; /* the first nservers are used */
	struct client_params params;
	struct client *client;
	struct scripted_link *link; /* of the server that the test plays now */
	struct coap_msg m;          /* the message taken last */
	struct coap_msg req;        /* the request being built */
	uint16_t mid;
	uint8_t token;
	/* what the owner was told */
	unsigned states, values, reboots, observed, stopped;
	bool free_in_hook;
	struct dm_op *op;  /* of a deferred write */
	bool bare;         /* without the thermometer */
	struct loop *loop; /* of the store in a file, or NULL */
	char dir[32], file[64];
	const char *interface; /* of each data connection */
};

/* A client "urn:test:1" with one server (ssid 1, coap://server, 1.0, lifetime 86400), objects 0, 1
 * and 3 and one thermometer /3303/0, not started. */
int stage_setup(void **state);
int stage_teardown(void **state);
/* Make the client anew after st->params was changed. */
void stage_client(struct stage *st);
/* Keep what must survive in a file, and make the client anew. */
void stage_store(struct stage *st);
/* The process ends at once without a word, and begins anew after ms; the client is not started. */
void stage_restart(struct stage *st, int64_t ms);
/* Let the other server speak ("server", "server2" …). */
void stage_play(struct stage *st, const char *host);
/* Start, take the Register and answer it: 2.01 /rd/5a3f. */
void stage_register(struct stage *st);
void stage_accept(struct stage *st);

/* Take the client's next message: a request with this code to this path and query. */
void expect_request(struct stage *st, uint8_t code, const char *uri);
/* … its payload as text. */
void expect_payload(struct stage *st, const char *text);
void expect_payload_hex(struct stage *st, const char *hex);
/* Answer it. */
void answer(struct stage *st, uint8_t code);
/* Nothing was sent; nothing is sent within ms. */
void expect_quiet(struct stage *st, int64_t ms);

/* A request of the server: "/3/0/7?pmin=10". More options and a payload may be added in st->req. */
void request(struct stage *st, uint8_t code, const char *uri);
void request_option(struct stage *st, uint16_t num, uint32_t value);
void request_text(struct stage *st, int format, const char *text);
void request_hex(struct stage *st, int format, const char *hex);
/* Send it and take the piggybacked answer: its code. */
uint8_t ask(struct stage *st);
/* … of a simple one. */
uint8_t ask_for(struct stage *st, uint8_t code, const char *uri);
/* Send it; nothing comes back. */
void ask_in_vain(struct stage *st);

/* GET with Observe 0; 2.05 with Observe expected. */
void observe(struct stage *st, const char *uri);
/* Take a notification with this payload; it carries Observe, and the token of the observation. */
void expect_notify(struct stage *st, const char *text);

void set_float(struct stage *st, struct path p, double v);

#endif
