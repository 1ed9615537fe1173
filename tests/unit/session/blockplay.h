/* SPDX-License-Identifier: BSD-3-Clause */
/* The stage of test_block.c: a session that sends and takes bodies, always parts of one pattern:
 * byte k is k * 7 + k / 251. */
#ifndef SESSION_BLOCKPLAY_H
#define SESSION_BLOCKPLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <lgw/status.h>
#include "coap/block.h"
#include "scripted.h"
#include "session/session.h"
#include "util/err.h"
#include "util/mem.h"

struct play {
	struct script sc;
	struct session_params params;
	struct session *s, *s2;
	struct scripted_link *l;
	struct observer *o;
	struct coap_msg m; /* taken last */
	size_t answer;     /* length of our representation */
	long got;          /* of the body of the last request; -1: none came */
	unsigned requests, ended;
	int status; /* of our call */
	bool done, sunk, refuse, observe, freed;
	uint8_t code, ok, sink_code;
	size_t done_len;
	uint64_t streamed;
	uint16_t mid;
	bool stream;
};
extern struct play p;
extern uint8_t pattern[1 << 20];

int begin(void **state);
int end(void **state);
struct session *open_session(const char *uri);
/* call_fn, call_data_fn */
void on_answer(void *ud, int status, const struct coap_msg *resp);
int on_data(void *ud, uint64_t offset, const uint8_t *b, size_t len, const struct coap_msg *resp);

#endif
