/* SPDX-License-Identifier: BSD-3-Clause */
/* A protected link of ours and a server of OpenSSL, joined by a scripted carrier. */
#ifndef TEST_SECURESTAGE_H
#define TEST_SECURESTAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "scripted.h"
#include "sslpeer.h"
#include "transport/link.h"
#include "transport/ssllink.h"
#include "transport/ssl.h"
#include "util/err.h"
#include "util/mem.h"

struct stage {
	struct script sc;
	struct ssl_params params;
	struct link *link;
	const struct cred *cred;
	struct scripted_link *under;
	struct sslpeer_conf conf;
	struct sslpeer_ctx *ctx;
	struct sslpeer *peer;
	struct ident ca, server, client;
	/* what happened */
	unsigned ups, downs, errors;
	int down_err, alert;
	char got[2048];
	size_t largest; /* datagram of the client */
	unsigned c2s, s2c;
	/* what to do */
	bool free_on_recv, free_on_up, free_on_down;
	int lose;     /* the so many next datagrams of the client */
	size_t piece; /* a stream comes in pieces of so many bytes; 0: as it is */
};

int securestage_setup(void **state);
int securestage_teardown(void **state);
/* The credentials of our side: PSK "me", or the client's certificate with p's other fields. */
void use_psk(struct stage *st, const char *suites);
void use_x509(struct stage *st, enum cred_usage usage, enum cred_matching m, struct cred_bytes pin);
void use_cred(struct stage *st, const struct cred_params *p);
/* A new server process: it knows nothing of former sessions. */
void restart_peer(struct stage *st);
/* A new connection at the same server. */
void reconnect_peer(struct stage *st);
void make_link(struct stage *st, const char *uri);
void open_link(struct stage *st);
/* Carry bytes both ways until nobody has any. */
void carry(struct stage *st);
void expect_up(struct stage *st, const char *suite);
void say(struct stage *st, const char *text);  /* we to the server, which gets it */
void hear(struct stage *st, const char *text); /* the other way */

#endif
