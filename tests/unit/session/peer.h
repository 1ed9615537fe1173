/* SPDX-License-Identifier: BSD-3-Clause */
/* A session whose peer is the test, and what happened to it. */
#ifndef SESSION_PEER_H
#define SESSION_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <lgw/status.h>
#include "scripted.h"
#include "session/session.h"
#include "util/err.h"

struct stage {
	struct script sc;
	struct session_params params;
	struct session *s;
	struct scripted_link *l;
	struct exchange *held; /* not answered yet */
	bool hold, free_in_request, free_in_call;
	unsigned requests, calls, ups, downs, canceled, ended;
	int status;
	uint8_t code;
	enum observe_end why;
	struct observer *o;
	bool observe;
	size_t sent_bytes, received_bytes; /* told as traffic */
};
extern struct stage t;

/* Setup and teardown of a test; begin_at: over another kind of link. */
int begin(void **state);
int begin_secure(struct oscore *c);
/* Another life of this endpoint. */
void begin_anew(struct oscore *c);
int begin_at(const char *uri);
int end(void **state);
/* A request of ours, answered to t.calls, t.status, t.code. */
void call(void);
/* A request of the server with the token "tk". */
void ask(enum coap_type type, uint8_t code, uint16_t mid);
/* The next message that we sent must be this one. */
struct coap_msg took(enum coap_type type, uint8_t code);
void silent(void);

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

#endif
