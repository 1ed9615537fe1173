/* SPDX-License-Identifier: BSD-3-Clause */
/* A gateway with one source, two servers at scripted links and a store in a file, and its lives. */
#ifndef TESTS_GATEWAY_HOUSE_H
#define TESTS_GATEWAY_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base.h"
#include "store/store.h"

struct house {
	struct base b;
	char dir[32], file[64];
	struct loop *loop;
	struct server_params servers[2];
	const char *unknown;          /* a group that the source has no more */
	uint64_t command;             /* the last one, */
	char key[32];                 /* and its key */
	bool begun;                   /* the source is ready as soon as it is there */
	const struct source_ops *ops; /* of the source */
};

/* The map: "t", "u", "v" are 3303/0 to 2, "on" 3311/0/5850, "p*" 3305/0/5800; servers may write
 * "on" or "power", and "reset" is /3/0/5. */
int house_set_up(void **state);
int house_tear_down(void **state);
/* The process is killed, and begins again after ms. */
void house_restart(struct house *h, int64_t ms);
/* It ends as it should, and begins again. */
void house_stop(struct house *h, int64_t ms);
/* The source's readings; at, Unix ms: of their own, 0: now. */
void house_report_at(
	struct house *h, const char *device, const char *key, double v, int64_t at, unsigned flags);
void house_report(struct house *h, const char *device, const char *key, double v);
struct dm *house_dm(struct house *h, const char *endpoint); /* NULL: no such device */
/* What we say next to server "one", or the device answers it; its code. */
uint8_t house_take(struct house *h, struct coap_msg *m);
void house_answer(struct house *h, const struct coap_msg *to, uint8_t code);
/* Server "one" asks. */
void house_ask(struct house *h, uint8_t code, const char *a, const char *b, const char *c,
	const char *query);

#endif
