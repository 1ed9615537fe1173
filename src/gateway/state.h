/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rooms of this folder share. */
#ifndef GATEWAY_STATE_H
#define GATEWAY_STATE_H

#include <sys/queue.h>
#include "gateway/gateway.h"
#include "gateway/kept.h"
#include "gateway/map.h"
#include "gateway/marks.h"
#include "gateway/told.h"
#include "util/map.h"
#include "util/texts.h"

#define KEY_HASH (UINT64_MAX >> 2)
#define KEY_TIME (UINT64_MAX >> 16)

/* One key of a device that was seen. */
struct key {
	const struct map_rule *rule; /* NULL: nothing maps it */
	uint64_t hash : 62;          /* of the key's text: rules of patterns have several keys */
	bool news : 1;               /* remember.h has not kept the newest reading yet */
	bool again : 1;        /* of an earlier life: its text is not known, nor is the rule */
	uint64_t time_ms : 48; /* of the newest reading */
	uint64_t nth : 16;     /* of the keys, as they were seen */
};

struct device {
	struct gateway *gateway;
	struct source *source; /* NULL: the gateway itself */
	struct client *client;
	const struct mapping *mapping;
	struct key *keys; /* by their hashes */
	const char *map;  /* of gateway.texts, or NULL */
	struct group *group;
	int64_t last_reading;
	struct lgw_device_info info;    /* of gateway.texts */
	TAILQ_ENTRY(device) next_start; /* of gateway.starts; then of gateway.leaving */
	SLIST_ENTRY(device) next_news;  /* of gateway.news */
	struct fw *fw;                  /* firmware.c; or NULL */
	struct sw *sw;                  /* software.c; or NULL */
	struct absent *absent;          /* absent.c; or NULL */
	char *leftover;                 /* it is gone for good: the folder that goes with it */
	uint16_t nkeys;
	bool online : 1, started : 1, waits : 1, optimistic : 1, gone : 1;
	bool rebooting : 1; /* a server had it rebooted, and it has not spoken since */
	bool reset : 1;     /* a server had it reset: its client goes, with all that was kept */
	bool news : 1;      /* values of it are to be remembered */
	char id[];
};

/* Devices of one rule or source, for max_devices. */
struct group {
	struct group *next;
	char *name;
	uint32_t count;
	bool alarmed;
};

/* A command on its way to a device. */
struct command {
	LIST_ENTRY(command) next;
	struct device *device;
	struct write *write;
	struct timer timer;
	uint64_t id;
	struct path path;
	struct value want; /* what the report must say; bytes are ours */
	bool execute, optimistic;
};

/* A server's write or execute: one command for each key, all of them or an error. */
struct write {
	struct dm_op *op;
	unsigned left;
	int status;
};

struct source {
	struct gateway *gateway;
	struct source *next;
	char *name;
	const struct source_ops *ops;
	void *ud;
	struct map devices; /* by id */
	struct marks marks;
};

#define CELLULAR_BEARERS_MAX 16

/* Objects 10, 11 and 13 of the gateway's own client, and what is under way of them. */
struct cellular_way {
	struct source *source; /* behind them; NULL: they are not there */
	LIST_HEAD(, cellular_op) ops;
	uint64_t next_id;
	bool expected; /* a plugin is configured that brings them, whether it runs or not */
	bool removing; /* the plugin itself takes a profile away */
	struct cellular_bearer {
		bool there;
		uint16_t profile;
		char interface[16]; /* empty: not known */
	} bearers[CELLULAR_BEARERS_MAX];
};

struct gateway {
	struct lwm2m_env *env;
	const struct gateway_params *params;
	struct maps *maps;
	const struct gateway_hooks *hooks;
	void *hooks_ud;
	const struct parcel_env *parcels;
	struct position *position; /* position.c; or NULL */
	char machine_id[33];
	struct source *sources;
	struct kept_list kept;         /* of all sources, also while a plugin does not run */
	struct identities *identities; /* whose endpoint names are */
	struct texts texts;            /* what devices tell of themselves */
	struct group *groups;
	struct told refused; /* devices; until a reload */
	struct device *self;
	struct gateway_counters count;
	struct connectivity network; /* of the machine */
	struct lgw_cellular cellular;
	int bearer; /* as /4/0/0 said last; < 0: nothing yet */
	struct cellular_way way;
	LIST_HEAD(, command) commands;
	uint64_t next_command;
	/* New clients start at a pace, after a moment in which their first keys gather. */
	TAILQ_HEAD(, device) starts;
	struct timer start_timer, residue_timer;
	SLIST_HEAD(, device) news; /* of which values are to be remembered */
	struct timer news_timer;
	/* Stopping: devices that still de-register. */
	size_t stopping;
	TAILQ_HEAD(, device) leaving;
	void (*stopped)(void *ud);
	void *stopped_ud;
	bool started, is_stopping;
};

/* reading.c */
enum {
	RES_MIN = 5601,
	RES_MAX = 5602,
	RES_RESET_EXTREMES = 5605,
	RES_VALUE = 5700,
	RES_UNITS = 5701,
	RES_LABEL = 5750
};
uint64_t reading_key(const char *text); /* as struct key has it */
void reading_apply(struct source *s, const struct lgw_reading *r);
/* One of an earlier life, of a key with this hash; label: what 5750 of its instance said, or NULL.
 * LGW_OK, or why it does not fit any more. */
int reading_again(struct device *d, const struct map_rule *r, const struct record *rec,
	uint64_t hash, const struct value *label);

/* device.c */
struct device *device_find(struct source *s, const char *id);
/* Its first mappable reading: a client is made. seen_ms: it is of an earlier life and spoke then
 * last (Unix time); 0: now. NULL: refused (counted, logged). */
struct device *device_make(struct source *s, const struct lgw_reading *r, int64_t seen_ms);
int device_make_self(struct gateway *g, char *text, size_t size);
void device_free(struct device *d);  /* client and all, at once */
void device_leave(struct device *d); /* de-register, then free */
void device_tell(struct device *d);
/* A server had it reset (/3/0/5): once that is answered its client leaves and nothing of what
 * servers wrote, observed or wait for is kept. It comes again with its next reading. */
void device_reset(struct device *d);
/* It speaks: after a reboot that a server asked for its client begins anew, too. */
void device_spoke(struct device *d);
/* The texts of its facts. */
#define DEVICE_TEXTS 6
void device_texts(struct lgw_device_info *i, const char **out[DEVICE_TEXTS]);
/* Apply what is known of it to /3. */
void device_show_facts(struct device *d);
/* standard.c: standard objects that the configuration gives it; again after a reload. */
void device_standard(struct device *d);
int standard_check(const struct gateway_params *p, char *text, size_t size);
/* Start those that wait, at the pace. */
void starts_begin(struct gateway *g);
extern const struct map_ops device_map_ops;
void client_params_of(const struct device *d, struct client_params *out, const char *endpoint);

struct name_parts;
void device_renew(const struct device *d); /* it is still there, and its name its own */
void device_names(const struct device *d, const char *endpoint, struct name_parts *out);

/* firmware.c: /3/0/3 as an update left it, or NULL; the device told its own. */
const char *fw_version(const struct device *d);
void fw_told_version(struct device *d);

/* position.c: begin to ask, or ask anew after a reload; the end. */
void position_begin(struct gateway *g);
void position_free(struct gateway *g);

/* cellprofile.c: all that is under way ends so. */
void cellular_ops_end(struct gateway *g, int status);
/* As client_hooks.bearer. */
const char *cellular_bearer(const struct gateway *g, uint16_t profile);

/* command.c */
extern const struct object_ops device_object_ops; /* of the objects of devices */
int command_execute(struct device *d, const struct path *p, const struct dm_arg *args, size_t n,
	struct dm_op *op);
/* The device reported a value: commands that wait for it end. */
void commands_confirm(struct device *d, const struct path *p, const struct value *v);
void commands_drop(struct device *d, int status);
void commands_drop_all(struct gateway *g, int status);

#endif
