/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of a broker's thread share. */
#ifndef MQTT_STATE_H
#define MQTT_STATE_H

#include <mosquitto.h>
#include <pthread.h>
#include <stdatomic.h>
#include "apply.h"
#include "broker.h"
#include "table.h"

#define COMMANDS_MAX 256 /* of a broker, waiting or under way */

/* How commands reach a device: the rule that heard it, and on which topics. */
struct route {
	size_t rule;
	char *any;         /* the latest topic */
	struct table keys; /* key -> topic; only where the rule's commands need it */
};

/* A letter from the loop to the thread. */
struct letter {
	struct letter *next;
	struct ruleset *rules; /* new rules; */
	char *rule;            /* or the rule of a device; else a command */
	uint64_t id;
	char *device, *key, *text;
	struct lgw_value value; /* a text is in text */
};

/* A command that was published. */
struct pending {
	struct pending *next;
	uint64_t id;
	int mid;
	bool published;
	const struct rule *rule;
	char *answer; /* topic of the answer; NULL: none is waited for */
	int64_t due_ms;
};

struct broker {
	const struct lgw_host *host;
	const struct broker_owner *owner;
	void *ud;
	char *name, *address, *username, *password, *client_id;
	int port, keepalive_s;
	int64_t connect_ms;
	struct tls_conf tls; /* own copies */

	pthread_t thread;
	int beat;             /* heartbeat of the thread, or negative */
	int wake;             /* eventfd: a letter, a completion, the end */
	pthread_mutex_t lock; /* inbox, inbox_n */
	struct letter *inbox, **inbox_end;
	unsigned inbox_n;
	atomic_bool ending, connected, settled, refused;

	/* Of the thread alone. */
	struct mosquitto *m;
	struct ruleset *rules;
	bool subscribed_once; /* in the life of this process */
	bool up;
	/* libmosquitto tries one address of a name, IPv6 first: every other attempt takes IPv4. */
	bool ipv4;
	int error;           /* errno of the latest failure */
	const char *failure; /* why the broker did not accept us */
	char lost[128];      /* the latest failure, as the journal has it */
	int64_t up_ms, pause_ms;
	struct batch batch;
	struct table routes; /* device -> struct route */
	struct pending *pending;
	unsigned npending;
	struct marks told; /* topics that were complained about */
	int64_t told_ms;
	struct text scratch;
};

/* --- intake.c: messages ------------------------------------------------------------------- */

/* Adds to b->batch. */
void intake_message(struct broker *b, const struct mosquitto_message *msg);
/* LGW_MARK_FROM of its messages. */
uint8_t intake_from(const struct broker *b);
/* A device is known before it is heard. */
void intake_device(struct broker *b, const char *device, const char *rule);
/* Routes keep to the rules of the same name; b->rules becomes rules, taken. */
void intake_rules(struct broker *b, struct ruleset *rules);
void intake_free(struct broker *b);

/* --- orders.c: commands ------------------------------------------------------------------- */

void orders_send(struct broker *b, const struct letter *l);
void orders_published(struct broker *b, int mid);
/* A message that may be an answer of a device. */
void orders_answer(struct broker *b, const struct message *m);
/* End those that are out of time; all of them with LGW_EUNAVAIL. */
void orders_expire(struct broker *b);
void orders_drop(struct broker *b);

#endif
