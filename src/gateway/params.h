/* SPDX-License-Identifier: BSD-3-Clause */
/* What the gateway is configured with. Filled by conf, owned by the caller, read-only here. */
#ifndef GATEWAY_PARAMS_H
#define GATEWAY_PARAMS_H

#include <stdbool.h>
#include <stdint.h>
#include <lgw/conf.h>
#include "lwm2m/client.h"

/* { from = "ON"; to = true; }: the device's word and the value of the resource. */
struct map_word {
	struct lgw_value from, to;
};

/* One key of a device and the resource it feeds. */
struct map_entry {
	char *where;           /* FILE:LINE, for complaints; or NULL */
	char *key;             /* as the plugin says it; '*' stands for any run of characters */
	char *path;            /* "3303/0/5700" or "Temperature/0/Sensor_Value" */
	double scale, offset;  /* resource = key * scale + offset; 1, 0 */
	char *unit;            /* text of 5701 where the object has it; NULL: none */
	char *label;           /* 5750 Application Type; NULL: the key */
	struct lgw_list words; /* of struct map_word */
	bool write;            /* servers may write it; the command goes to command_key */
	bool execute;          /* path is an executable */
	char *command_key;     /* NULL: key */
	bool optimistic;       /* answered without the device's confirmation */
	int64_t confirm_ms;    /* 5000 */
};
struct map_conf {
	char *name;
	char *inherit;           /* name of a map whose entries follow after ours; or NULL */
	struct lgw_list entries; /* of struct map_entry */
};

enum { OSCORE_CONF_ECHO, OSCORE_CONF_REDERIVE };
/* OSCORE towards one server. Texts, or bytes as "hex:…"; "{endpoint}" and "{device}" in a text make
 * the keys of each client its own. */
struct oscore_conf {
	char *master_secret; /* NULL: no OSCORE */
	char *master_salt, *sender_id, *recipient_id;
	char *id_context; /* NULL: none */
	int algorithm;    /* index into oscore_algorithms */
	int recovery;     /* OSCORE_CONF_* */
	char *since;      /* a day as 2026-11-28; NULL: none */
};

/* Whose firmware an administrator's program takes care of. */
struct firmware_rule {
	char *source; /* plugin's name; NULL: any */
	char *device; /* its id; '*' stands for any run of characters */
	char *hook;   /* name of the program; empty: nobody, not the plugin either */
};
struct firmware_params {
	char *hook;            /* of the gateway's own client; NULL: it has none */
	struct lgw_list rules; /* of struct firmware_rule */
	char *directory;       /* images and states */
	int64_t max_size;      /* bytes of an image */
	int runner;            /* HOOK_BY_* */
	int64_t hook_timeout_ms;
	int64_t tries, pause_ms; /* of a download */
	int64_t keep_for_ms;     /* files of a device that is not there any more; 0: for ever */
	char *ca_file;           /* for https; NULL: the system's */
};
struct software_params {
	char *hook;            /* of the gateway's own client; NULL: it has none */
	struct lgw_list rules; /* of struct firmware_rule */
};
enum { HOOK_BY_SYSTEMD, HOOK_BY_EXEC };

struct cred;
struct name_parts;

struct gateway_params {
	const struct server_params *servers; /* profile of all devices */
	const struct oscore_conf *oscore;    /* one for each of them; NULL: none */
	const char *const *whom; /* for each who registers there: NULL all, "" the gateway, or an
				    endpoint name; whom NULL: all with each */
	size_t nservers;
	/* Credentials of one device at servers[k], of SMS beside IP where sms: a reference, NULL
	 * without security, which the caller gives back. LGW_OK, or an error with the reason in
	 * text. NULL: there are none. */
	int (*credentials)(void *ud, size_t k, bool sms, const struct name_parts *parts,
		const struct cred **out, char *text, size_t size);
	void *credentials_ud;
	char *endpoint;            /* template: "{plugin}-{device}", "{machine}", "{serial}" */
	char *gateway_endpoint;    /* of the gateway itself; empty: it is no client */
	char *default_map;         /* "standard" */
	struct lgw_list maps;      /* of struct map_conf */
	struct lgw_list objects;   /* of char *: "7", "16", "19", of each device */
	const char *location;      /* of the gateway, as gateway_location_parse takes it; or NULL */
	const char *location_hook; /* program that says it; or NULL */
	int64_t location_interval_ms;
	const char *interface;    /* of its /4/0; NULL: that of the default route */
	int64_t max_devices;      /* per group, 1000 */
	double new_devices_per_s; /* pace of new ones, 50 */
	int64_t remember_ms;      /* that one says nothing, and is there after a restart; 0: none */
	int64_t offline_error;    /* error code of /3/0/11 while a device is offline, 8; 0: none */
	struct firmware_params firmware;
	struct software_params software;
	int64_t stop_timeout_ms;   /* for de-registration at the end, 10 s */
	struct device_facts facts; /* of the gateway, overrides what the machine tells */
};

#endif
