/* SPDX-License-Identifier: BSD-3-Clause */
/* One broker: its connection lives in a thread of its own, since names and connects may block. */
#ifndef MQTT_BROKER_H
#define MQTT_BROKER_H

#include <lgw/plugin.h>
#include "ruleset.h"

struct broker;

/* Called in the loop's thread. */
struct broker_owner {
	/* The device was heard of at this broker for the first time. */
	void (*device)(void *ud, struct broker *b, const char *device);
	/* After broker_stop: the thread has ended, b may be freed. */
	void (*stopped)(void *ud, struct broker *b);
};

/* Begins to connect. c is copied; rules is taken. NULL: no thread. */
struct broker *broker_new(const struct lgw_host *h, const struct broker_conf *c,
	struct ruleset *rules, const struct broker_owner *owner, void *ud);
/* What is under way ends; stopped follows, never from within. */
void broker_stop(struct broker *b);
/* Only after stopped. */
void broker_free(struct broker *b);
const char *broker_called(const struct broker *b);
/* Only the rules differ? */
bool broker_same(const struct broker *b, const struct broker_conf *c);
/* Other rules, taken; the connection stays. */
void broker_rules(struct broker *b, struct ruleset *rules);
/* A device of an earlier life, which a rule of this name heard: commands find it. */
void broker_device(struct broker *b, const char *device, const char *rule);
/* LGW_OK: one command_done will follow. LGW_EUNAVAIL: not connected, or too many wait. */
int broker_command(struct broker *b, const struct lgw_command *cmd);

#endif
