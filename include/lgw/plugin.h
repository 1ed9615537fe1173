/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plugin interface. A plugin is a shared object that exports one descriptor:
 *
 *	LGW_PLUGIN const struct lgw_plugin lgw_plugin = { .abi = LGW_PLUGIN_ABI, .name = "sim", … };
 *
 * It brings devices in their own words: (device id, key, value, time). What LwM2M makes of them
 * (objects, units, scales, endpoint names) is configuration and none of the plugin's business.
 * Every function of the descriptor is called in the loop's thread and must not block.
 */
#ifndef LGW_PLUGIN_H
#define LGW_PLUGIN_H

#include <lgw/cellular.h>
#include <lgw/conf.h>
#include <lgw/connectivity.h>
#include <lgw/device.h>
#include <lgw/firmware.h>
#include <lgw/log.h>
#include <lgw/loop.h>
#include <lgw/status.h>
#include <lgw/transport.h>
#include <lgw/value.h>

#ifdef __cplusplus
extern "C" {
#define LGW_PLUGIN extern "C" __attribute__((visibility("default")))
#else
#define LGW_PLUGIN __attribute__((visibility("default")))
#endif

#define LGW_PLUGIN_ABI 1u

#define LGW_KEEP_NAMES    16   /* of one plugin */
#define LGW_KEEP_NAME_MAX 32   /* the NUL included */
#define LGW_KEEP_MAX      4096 /* bytes of one */

/*
 * What the daemon offers. Functions marked [any thread] may be called from a thread of the plugin,
 * all others only from the loop's thread. The pointer stays valid until stop's completion.
 */
struct lgw_host {
	/* [any thread] Log one line under module "plugin/NAME"; device may be NULL. */
	void (*log)(const struct lgw_host *h, enum lgw_log_level level, const char *device,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
	/* [any thread] Is a line of this level wanted? Ask before an expensive one. */
	bool (*log_wanted)(const struct lgw_host *h, enum lgw_log_level level);

	/*
	 * [any thread] Hand over a batch; the readings are copied before it returns. done (may be
	 * NULL) is called in the loop's thread when all are settled: durable, or need not be.
	 * Returns LGW_OK, or LGW_EUNAVAIL when the daemon is stopping (done is not called).
	 */
	int (*submit)(const struct lgw_host *h, const struct lgw_reading *r, size_t n,
		lgw_batch_fn done, void *ud);
	/* [any thread] What comes from now on from there (LGW_MARK_FROM) was not sent before: its
	 * marks begin anew. */
	int (*forget_marks)(const struct lgw_host *h, uint8_t from);
	/* [any thread] The device went away (false) or came back (true). Unknown ones are ignored.
	 */
	int (*device_online)(const struct lgw_host *h, const char *device, bool online);
	/* [any thread] Facts of a device; makes no device by itself; copied. */
	int (*device_info)(
		const struct lgw_host *h, const char *device, const struct lgw_device_info *info);
	/* [any thread] The device is gone for good: de-registered and forgotten. */
	int (*device_remove)(const struct lgw_host *h, const char *device);

	/*
	 * [any thread] A command ended: LGW_OK means carried out as far as the plugin can know
	 * (published, acknowledged); the device's own report confirms a write. LGW_EREFUSED: the
	 * device refused; LGW_EINVAL: it cannot take this value; LGW_EUNAVAIL: unreachable.
	 */
	int (*command_done)(const struct lgw_host *h, uint64_t id, int status);

	/* [any thread] Run fn in the loop's thread, in the order of the calls. */
	int (*post)(const struct lgw_host *h, lgw_post_fn fn, void *ud);

	/* Timers and descriptors on the loop. free takes NULL; both may free themselves inside
	 * their own callback. */
	struct lgw_timer *(*timer_new)(const struct lgw_host *h, lgw_timer_fn fn, void *ud);
	void (*timer_set)(struct lgw_timer *t, int64_t delay_ms); /* < 0: disarm */
	void (*timer_free)(struct lgw_timer *t);
	/* One handle for a descriptor, freed before that is closed. NULL: it cannot be watched. */
	struct lgw_io *(*io_new)(
		const struct lgw_host *h, int fd, unsigned events, lgw_io_fn fn, void *ud);
	void (*io_set)(struct lgw_io *io, unsigned events);
	void (*io_free)(struct lgw_io *io);

	/* [any thread] Unix time and monotonic time in ms. */
	int64_t (*now_wall)(const struct lgw_host *h);
	int64_t (*now_mono)(const struct lgw_host *h);
	/* A stable id of this machine for names that a peer sees (client ids): 32 hex digits,
	 * derived from the machine id, not the machine id itself. */
	const char *(*machine_id)(const struct lgw_host *h);
	/* [any thread] A counter of this plugin, shown by lwm2mctl status; name is a literal. */
	void (*count)(const struct lgw_host *h, const char *name, int64_t add);
	/* A state in words for lwm2mctl status ("connected", "connecting to …"); copied. text NULL:
	 * this part is no more. */
	void (*state)(const struct lgw_host *h, const char *part, bool ok, const char *text);
	/* Heartbeat of a thread of the plugin: the watchdog is fed only while all of them beat.
	 * [any thread] beat; add and remove from the loop's thread. */
	int (*thread_add)(const struct lgw_host *h, const char *name, int64_t max_gap_ms);
	void (*thread_beat)(const struct lgw_host *h, int thread);
	void (*thread_remove)(const struct lgw_host *h, int thread);

	/* Something an operator should know: to the log and to the bus; text is one sentence. */
	void (*alarm)(const struct lgw_host *h, const char *name, const char *text);

	/* Of the plugin's carrier: its state, and a message that came. LGW_ENOENT: from a peer that
	 * nobody talks to, dropped. p is a loan. */
	void (*carrier_state)(const struct lgw_host *h, const struct lgw_carrier_state *state);
	int (*carrier_recv)(const struct lgw_host *h, const char *peer, const void *p, size_t len);
	/* The mobile network, at first and whenever something of it changes. */
	void (*cellular)(const struct lgw_host *h, const struct lgw_cellular *c);
	/* So many short messages were sent or received: /7/0/0, /7/0/1 of the gateway's client. */
	void (*messages)(const struct lgw_host *h, bool sent, unsigned n);

	/*
	 * Few small things by name that must outlive the process, in the daemon's store, written
	 * within a second; without a store they last as long as the process. keep copies; p NULL:
	 * forget it. LGW_EINVAL: the name, LGW_ETOOBIG, LGW_ENOMEM: too many names. kept: the
	 * length, or LGW_ENOENT, LGW_ETOOBIG (buf is too small).
	 */
	int (*keep)(const struct lgw_host *h, const char *name, const void *p, size_t len);
	int (*kept)(const struct lgw_host *h, const char *name, void *buf, size_t size);

	/*
	 * Of a plugin with cellular ops, from start on: resources of objects 10, 11 and 13, copied;
	 * a profile comes to be with its first one. LGW_ENOENT: the gateway has no client of its
	 * own. LGW_EINVAL: a value that does not fit its definition; the others are set.
	 */
	int (*cellular_set)(const struct lgw_host *h, const struct lgw_setting *s, size_t n);
	/* The plugin itself has this profile no more; profile_gone is not called. */
	void (*cellular_remove)(const struct lgw_host *h, uint16_t profile);
	/* What was pending ended, with LGW_OK or an error. */
	void (*cellular_done)(const struct lgw_host *h, uint64_t id, int status);
	/* The data connection of this profile is on this interface of the network from now on; "":
	 * on one that is not known, NULL: it is not there. The traffic of servers that want it
	 * (/1/x/10) goes there, or waits. Copied; LGW_ENOENT as above. */
	int (*cellular_bearer)(const struct lgw_host *h, uint16_t profile, const char *interface);

	/* [any thread] The step with this device's firmware ended. version: what it runs now, after
	 * an update, or what the image is, after a check; NULL: unknown. */
	int (*firmware_done)(const struct lgw_host *h, const char *device,
		enum lgw_firmware_result result, const char *version);
};

typedef void (*lgw_stop_fn)(void *ud);

struct lgw_plugin {
	uint32_t abi;                     /* LGW_PLUGIN_ABI */
	const char *name;                 /* [a-z0-9-]+: file NAME.so, group plugins.NAME */
	const char *description;          /* one line */
	const struct lgw_option *options; /* of the group plugins.NAME */
	size_t conf_size;                 /* sizeof the struct that options fill */

	/* Further checks on a filled group, without side effects; text gets the reason, behind
	 * "FILE:LINE: " of an LGW_OPT_WHERE where the table has one.
	 * May be NULL. Called by --check, start and reload. */
	int (*check)(const void *conf, char *text, size_t size);
	/* Begin. conf stays valid until stop or the next reload. */
	int (*start)(const struct lgw_host *h, const void *conf, void **state);
	/* A new configuration; what did not change goes on undisturbed. The old conf stays valid
	 * until this returns. May be NULL: the plugin is then stopped and started. */
	int (*reload)(void *state, const void *conf);
	/* End: nothing of the host may be used once done was called (in the loop's thread). */
	void (*stop)(void *state, lgw_stop_fn done, void *ud);
	/* Carry out a command; the pointers are valid during the call only. Any result but LGW_OK
	 * is final; LGW_OK promises one command_done. May be NULL: devices are read-only. */
	int (*command)(void *state, const struct lgw_command *cmd);
	/* What it carries for LwM2M's own messages; NULL: nothing. */
	const struct lgw_carrier *carrier;
	/* Firmware of its devices; NULL: they take none. */
	const struct lgw_firmware *firmware;
	/* Cellular data of the gateway's client; NULL: none. One plugin has it, the first. */
	const struct lgw_cellular_ops *cellular;
	/* A device of an earlier life of the daemon, of this group (as its readings had it): has
	 * the plugin, as it is configured now, such a device still? If so it is there again, with
	 * the values that it had, and commands may come for it. Called after start. NULL: yes. */
	bool (*device_known)(void *state, const char *device, const char *group);
};

#ifdef __cplusplus
}
#endif
#endif
