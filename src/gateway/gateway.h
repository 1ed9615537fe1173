/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices of plugins as LwM2M clients. Readings come in from above, are mapped (gateway/map) and
 * sink into the client's tree; writes of servers go up as commands to the device's source.
 */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <lgw/cellular.h>
#include <lgw/connectivity.h>
#include <lgw/device.h>
#include "gateway/params.h"
#include "objects/standard.h"
#include "loop/timer.h"

struct gateway;
struct parcel_env; /* gateway/parcel.h */
struct lgw_firmware_job;
struct device;
struct source; /* an instance of a plugin */

struct gateway_hooks {
	void (*device_added)(void *ud, struct device *d);
	void (*device_removed)(void *ud, struct device *d); /* still valid in the call */
	void (*device_changed)(void *ud, struct device *d); /* online, facts, server state */
	void (*value)(void *ud, struct device *d, const struct path *p, const struct value *v,
		int64_t time_ms);
	/* Something an operator must know of (max_devices reached, …); text is one sentence. */
	void (*alarm)(void *ud, const char *name, const char *text);
};

struct gateway_counters {
	uint64_t readings, unmapped, refused, stale, repeated, commands, commands_failed,
		devices_refused;
};

/* params, env, hooks outlive the gateway (params until gateway_reload). machine_id: 32 hex. */
struct gateway *gateway_new(struct lwm2m_env *env, const struct gateway_params *params,
	const char *machine_id, int *err, char *text, size_t size);
void gateway_set_hooks(struct gateway *g, const struct gateway_hooks *hooks, void *ud);
/* Check maps and templates without side effects. */
int gateway_params_check(
	const struct gateway_params *p, const struct objdefs *defs, char *text, size_t size);
/* New parameters and definitions; accounts of running clients are changed, nothing is dropped. */
int gateway_reload(struct gateway *g, const struct gateway_params *params);
/* What updates need; without it no device has any. Before gateway_start; outlives the gateway. */
void gateway_set_parcels(struct gateway *g, const struct parcel_env *env);
int gateway_start(struct gateway *g);
/* "LATITUDE, LONGITUDE" with ", ALTITUDE" and ", RADIUS" behind it where known. LGW_EINVAL. */
int gateway_location_parse(const char *text, struct location *out);
/* What the machine tells of its network, for /4/0 of the gateway's own client. */
void gateway_self_network(struct gateway *g, const struct connectivity *c);
/* Routes or addresses changed: servers are told where they came from another one (Update). */
void gateway_network_changed(struct gateway *g);
/* What a modem tells of its network: /4/0 and error codes; and short messages for /7/0. */
void gateway_self_cellular(struct gateway *g, const struct lgw_cellular *c);
void gateway_self_messages(struct gateway *g, bool sent, unsigned n);
/* Is a plugin configured that brings objects 10, 11 and 13? Before gateway_start: until its
 * profiles are there, what servers want to go over one of them waits. */
void gateway_cellular_expect(struct gateway *g, bool expected);
/* Objects 10, 11 and 13 of the gateway's own client are this source's now; false: another has them,
 * or there is no such client. At its end what is under way ends with LGW_EUNAVAIL. */
bool gateway_cellular_begin(struct source *s);
void gateway_cellular_end(struct source *s);
/* As in lgw_host; of any other source nothing is taken. */
int gateway_cellular_set(struct source *s, const struct lgw_setting *v, size_t n);
void gateway_cellular_remove(struct source *s, uint16_t profile);
int gateway_cellular_bearer(struct source *s, uint16_t profile, const char *interface);
void gateway_cellular_done(struct source *s, uint64_t id, int status);
/* The store has lost what it knew of devices and plugins (store_hooks.renewed): once more. */
void gateway_note_again(struct gateway *g);
/* Memory of the machine in the gateway's own Device object (/3/0/10, /3/0/21), in kilobytes. */
void gateway_self_memory(struct gateway *g, int64_t free_kb, int64_t total_kb);
/* De-register all, then done. */
void gateway_stop(struct gateway *g, void (*done)(void *ud), void *ud);
void gateway_free(struct gateway *g);

/* --- for the plugin host (loop's thread) ---------------------------------------------------- */

struct source_ops {
	int (*command)(void *ud, const struct lgw_command *cmd); /* as lgw_plugin.command */
	/* As lgw_firmware; both NULL: its devices take none. */
	bool (*firmware_offers)(void *ud, const char *device);
	int (*firmware)(void *ud, const struct lgw_firmware_job *job);
	/* Has the plugin, as it is configured, a device of an earlier life still? NULL: yes. */
	bool (*knows)(void *ud, const char *device, const char *group);
	/* The plugin's cellular ops and its state, while it runs; NULL: not now. */
	const struct lgw_cellular_ops *(*cellular)(void *ud, void **state);
};
struct source *gateway_source_add(
	struct gateway *g, const char *name, const struct source_ops *ops, void *ud);
/* It runs: devices of an earlier life are there again with their last values. */
void gateway_source_ready(struct source *s);
/* Its devices de-register and go. */
void gateway_source_remove(struct source *s);
/* done is called when all readings are settled, maybe before this returns. */
void gateway_submit(
	struct source *s, const struct lgw_reading *r, size_t n, lgw_batch_fn done, void *ud);
void gateway_forget_marks(struct source *s, uint8_t from); /* as lgw_host.forget_marks */
int gateway_keep(struct source *s, const char *name, const void *p, size_t len); /* as lgw_host */
int gateway_kept(struct source *s, const char *name, void *buf, size_t size);
void gateway_device_online(struct source *s, const char *device, bool online);
void gateway_device_info(struct source *s, const char *device, const struct lgw_device_info *info);
void gateway_device_remove(struct source *s, const char *device);
void gateway_command_done(struct source *s, uint64_t id, int status);
/* A step with its firmware ended: enum lgw_firmware_result; version NULL: unknown. */
void gateway_firmware_done(struct source *s, const char *device, int result, const char *version);

/* --- for the bus --------------------------------------------------------------------------- */

/* Something an operator must know, to the log and the bus: one sentence. */
void gateway_alarm(struct gateway *g, const char *name, const char *text);
const struct gateway_counters *gateway_counters(const struct gateway *g);
struct device *gateway_find(struct gateway *g, const char *endpoint);
struct device *gateway_next(struct gateway *g, size_t *it);
size_t gateway_count(const struct gateway *g);
/* Of these, with at least one server. */
size_t gateway_registered(const struct gateway *g);
struct store *gateway_store(const struct gateway *g); /* or NULL */
const struct objdefs *gateway_defs(const struct gateway *g);
struct client *device_client(struct device *d);
/* It is gone for good, as if its plugin had said so; d is not valid afterwards. LGW_EOP: it is the
 * gateway itself. */
int device_forget(struct device *d);
const char *device_id(const struct device *d);     /* the plugin's; "" for the gateway itself */
const char *device_source(const struct device *d); /* the plugin's name, or "gateway" */
const char *device_name(const struct device *d);   /* for people */
bool device_online(const struct device *d);
int64_t device_last_reading(const struct device *d); /* Unix ms, 0: none */
/* Write as the operator would (ssid 0), answered like a server's write. */
int device_write(
	struct device *d, const struct path *p, const struct value *v, dm_done_fn done, void *ud);
int device_execute(
	struct device *d, const struct path *p, const char *args, dm_done_fn done, void *ud);

#endif
