/* SPDX-License-Identifier: BSD-3-Clause */
/* A rule, made ready from its configuration; it never changes afterwards. */
#ifndef MQTT_RULE_H
#define MQTT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "conf.h"
#include "pointer.h"
#include "tmpl.h"

#define MEMBERS_MAX 256 /* readings out of one message */

struct strings {
	char **at;
	size_t n;
};

/* { pointer, key }: one member of a JSON payload. */
struct extract {
	struct pointer pointer;
	struct tmpl key;
};

/* Where it is said whether devices are there; filter is NULL if nowhere. */
struct availability {
	char *filter, *online, *offline;
	size_t level; /* that is the device, from 1 */
	bool has_pointer;
	struct pointer pointer;
};

/* How to write to the devices; both templates empty: not at all. */
struct order {
	char *glob; /* of keys; NULL: all */
	struct tmpl topic, payload;
};
struct response {
	char *filter; /* NULL: devices do not answer */
	struct tmpl topic;
	bool has_id, has_pointer, has_error;
	struct pointer id, pointer, error;
	struct strings ok;
	int64_t timeout_ms;
};

struct rule {
	char *name, *filter, *map;
	struct tmpl device, key;
	struct extract *values;
	size_t nvalues;
	bool has_time;
	struct pointer time;
	struct strings ignore, exclude_devices, exclude_topics;
	int qos;
	uint32_t max_devices;
	size_t payload_max;
	bool optimistic;
	struct availability availability;
	struct order *orders; /* the first that fits the key counts */
	size_t norders;
	int command_qos;
	bool retain;
	bool by_key; /* commands need levels of the topic on which that very key was heard */
	struct response response;
};

/* broker: its name, part of the default name. LGW_EINVAL with the reason in why. */
int rule_init(
	struct rule *r, const struct rule_conf *c, const char *broker, char *why, size_t size);
void rule_fini(struct rule *r);

/* NULL, or why it is not a filter of topics to subscribe to. */
const char *filter_fault(const char *filter);
bool topic_matches(const char *filter, const char *topic);
bool strings_glob(const struct strings *s, const char *text);
/* The rule is not for this device. */
bool rule_excludes(const struct rule *r, const char *device);

#endif
