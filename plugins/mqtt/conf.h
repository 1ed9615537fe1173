/* SPDX-License-Identifier: BSD-3-Clause */
/* The group plugins.mqtt as the tables of conf.c fill it. The README explains each option. */
#ifndef MQTT_CONF_H
#define MQTT_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <lgw/conf.h>

#define BROKERS_MAX 16 /* each has a thread with a heartbeat */

struct value_conf {
	char *pointer, *key;
};

struct availability_conf {
	char *topic, *pointer, *online, *offline;
};

struct key_conf {
	char *key, *topic, *payload;
};

struct response_conf {
	char *topic, *id, *pointer, *error;
	struct lgw_list ok; /* of char * */
	int64_t timeout_ms;
};

struct command_conf {
	char *topic, *payload;
	int64_t qos;
	bool retain;
	struct lgw_list keys; /* of struct key_conf */
	struct response_conf response;
};

struct rule_conf {
	char *where; /* FILE:LINE */
	char *name, *topic, *device, *key, *time, *map;
	int64_t qos, max_devices, payload_max;
	bool optimistic;
	struct lgw_list values;          /* of struct value_conf */
	struct lgw_list ignore, exclude; /* of char * */
	struct availability_conf availability;
	struct command_conf command;
};

enum tls_version { TLS_ANY, TLS_1_2, TLS_1_3 };

struct tls_conf {
	bool enabled, insecure;
	char *ca_file, *ca_path, *cert_file, *key_file, *ciphers;
	int version; /* enum tls_version: this one and later */
};

struct broker_conf {
	char *where; /* FILE:LINE */
	char *name, *host, *username, *password, *client_id;
	int64_t port, keepalive_ms, connect_timeout_ms;
	struct tls_conf tls;
	struct lgw_list rules; /* of struct rule_conf */
};

struct mqtt_conf {
	struct lgw_list brokers; /* of struct broker_conf */
};

extern const struct lgw_option mqtt_options[];

/* What the tables cannot say; files are looked at. LGW_EINVAL with the reason in text. */
int mqtt_check(const void *conf, char *text, size_t size);

/* The name of a broker, and its port when none is given. */
const char *broker_name(const struct broker_conf *b);
int broker_port(const struct broker_conf *b);

#endif
