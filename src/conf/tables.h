/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon's own options: the structs that the tables fill, before they become parameters. */
#ifndef CONF_TABLES_H
#define CONF_TABLES_H

#include "conf/conf.h"

/* In the order of the words of the option. */
enum { SECURITY_NOSEC, SECURITY_PSK, SECURITY_RPK, SECURITY_X509 };

/* SMS to a server: beside IP, or the parameters of a URI of scheme sms. */
struct sms_conf {
	char *number; /* NULL: none beside IP */
	int security; /* SECURITY_NOSEC, SECURITY_PSK */
	char *identity, *key;
	int64_t ack_timeout_ms, max_retransmit, response_timeout_ms;
	bool trigger;
};

struct server_conf {
	char *name, *uri, *binding;
	int64_t ssid;
	int64_t lifetime_ms, min_period_ms, max_period_ms, disable_ms;
	bool storing, linked;
	int version, format, notify, history, on_stop, rights;
	int64_t ack_timeout_ms, max_retransmit, nstart, response_timeout_ms, block_size;
	int64_t retry_min_ms, retry_max_ms, awake_ms;
	struct oscore_conf oscore;
	struct sms_conf sms;
	char *whom;  /* "all", "gateway", or an endpoint name */
	char *where; /* FILE:LINE */
	int security;
	char *identity, *key; /* of a PSK */
	char *certificate, *private_key, *server_public_key, *server_certificate, *ca, *sni;
	int usage, matching;
	struct lgw_list ciphersuites; /* of char * */
};

struct gateway_conf {
	char *endpoint, *manufacturer, *model, *serial, *device_type, *interface, *location,
		*location_hook;
	int64_t location_interval_ms;
};

struct store_conf {
	char *file;
	int durability, room;
	int64_t max_records, max_bytes, device_records, device_bytes, max_age_ms, orphan_ttl_ms;
};

struct root_conf {
	int64_t version;
	struct conf_log log;
	struct lgw_list servers; /* of struct server_conf */
	struct gateway_params gateway;
	struct gateway_conf self;
	struct bus_params bus;
	struct store_conf store;
	int64_t registrations_at_once, handshakes_at_once, park_after_ms, tcp_keepalive_ms;
};

extern const struct lgw_option conf_root_table[];

#endif
