/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rules of one broker, and what to subscribe to for them. Made in the loop's thread, read by
 * it and by the broker's; it never changes, so that a count of its users is all they share.
 */
#ifndef MQTT_RULESET_H
#define MQTT_RULESET_H

#include <stdatomic.h>
#include "rule.h"

struct subscription {
	char *filter;
	int qos;
};

struct ruleset {
	struct rule *rules;
	size_t n;
	struct subscription *subs; /* each filter once */
	size_t nsubs;
	atomic_int users;
};

/* With one user. NULL with the reason in why, which names place, broker and rule. */
struct ruleset *ruleset_new(const struct broker_conf *c, char *why, size_t size);
struct ruleset *ruleset_ref(struct ruleset *s);
void ruleset_unref(struct ruleset *s);
bool ruleset_subscribes(const struct ruleset *s, const char *filter, int qos);

#endif
