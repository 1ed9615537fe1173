/* SPDX-License-Identifier: BSD-3-Clause */
/* A server account: one pair of instances of objects 0 and 1. */
#ifndef OBJECTS_ACCOUNT_H
#define OBJECTS_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>
#include "crypto/cred.h"
#include "crypto/oscred.h"
#include "objects/env.h"

enum security_mode { SEC_PSK = 0, SEC_RPK = 1, SEC_CERT = 2, SEC_NONE = 3 };

/* Factory data as the configuration gives them (LwM2M 1.0 §5.2.3.1). */
struct account {
	const char *name;                 /* for logs and the bus */
	const char *uri;                  /* /0/x/0 */
	enum security_mode security;      /* /0/x/2 */
	const struct cred *cred;          /* /0/x/3 to 5, 13 to 16; NULL exactly for SEC_NONE */
	const struct oscore_cred *oscore; /* /21/x, /0/x/17; NULL: none */
	uint16_t ssid;                    /* /0/x/10 and /1/x/0; 1..65534 */
	int64_t lifetime;                 /* /1/x/1, s */
	int64_t pmin, pmax;               /* /1/x/2, /1/x/3, s; < 0: absent */
	int64_t disable_timeout;          /* /1/x/5, s */
	bool storing;                     /* /1/x/6 */
	const char *binding;              /* /1/x/7: "U" */
	const char *sms_number;           /* /0/x/9; NULL: none */
	const struct cred *sms_cred;      /* by it DTLS-PSK (/0/x/6 = 1), NULL: NoSec (3) */
	bool trigger;                     /* /1/x/21, where there is a number */
	uint16_t instance;                /* of object 1; out of account_get only */
	int32_t apn;                      /* /1/x/10: instance of object 11; < 0: none; likewise */
};

/* Instances /0/x and /1/x, with OSCORE /21/x; returns x or an error. */
int account_add(struct objects *o, const struct account *a);
int account_remove(struct objects *o, uint16_t ssid);
/* What the tree says now (a server may have written it). Strings are loans. LGW_ENOENT. */
int account_get(const struct objects *o, uint16_t ssid, struct account *out);
/* Is there a way for each letter of this binding (/1/iid/7): SMS wants a number, IP another URI? */
bool account_reaches(const struct objects *o, uint16_t iid, const struct value *binding);
/* The server ssid sent a (D)TLS alert: /1/x/11. */
void account_alert(struct objects *o, uint16_t ssid, uint8_t alert);

#endif
