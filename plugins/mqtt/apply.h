/* SPDX-License-Identifier: BSD-3-Clause */
/* What rules make of a message. */
#ifndef MQTT_APPLY_H
#define MQTT_APPLY_H

#include <stdbool.h>
#include <stddef.h>
#include "batch.h"
#include "payload.h"
#include "rule.h"

struct message {
	const char *topic;
	struct levels levels; /* of topic */
	struct payload payload;
	bool retained;
};

#define WHY_BYTES 200

/* Is the rule for readings on this topic? Its availability topic and what it excludes are not. */
bool rule_wants(const struct rule *r, const char *topic);

/*
 * Adds the readings of the message to b, at most MEMBERS_MAX, and returns how many. why gets the
 * reason when something in it could not be used, else "": what could be used is taken all the
 * same. None and no reason: the rule says to ignore it.
 */
size_t rule_apply(
	const struct rule *r, const struct message *m, struct batch *b, char why[WHY_BYTES]);

/*
 * For a message on the topic of availability: device (a loan from scratch) and online.
 * LGW_ENOENT: of no device of this rule; LGW_EINVAL with the reason in why: not understood.
 */
int availability_apply(const struct rule *r, const struct message *m, struct text *scratch,
	bool *online, char why[WHY_BYTES]);

/* The scalar at p, or of the whole payload if p is NULL, as text in out; false: none there. */
bool message_word(const struct message *m, const struct pointer *p, struct text *out);

#endif
