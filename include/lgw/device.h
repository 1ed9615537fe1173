/* SPDX-License-Identifier: BSD-3-Clause */
/* What a plugin tells of its devices, and what it is asked to do to them. */
#ifndef LGW_DEVICE_H
#define LGW_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <lgw/value.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	LGW_READING_RETAINED = 1u << 0, /* a copy kept by the source, not news: ignored when it
					   equals the last value and has no time of its own */
	LGW_READING_FINAL = 1u << 1     /* the source says nothing newer will follow */
};

/* One value of one device. All pointers are borrowed for the time of the call that gets it. */
#define LGW_MARK_FROM(mark_) ((uint8_t)((mark_) >> 56))

struct lgw_reading {
	const char *device; /* id, unique within the plugin instance, at most 255 bytes */
	const char *key;    /* the device's own name of the quantity, at most 255 bytes */
	struct lgw_value value;
	int64_t time_ms;      /* Unix time at the source in ms; 0: unknown, now is taken */
	unsigned flags;       /* LGW_READING_* */
	const char *group;    /* the rule or source; max_devices is counted per group */
	uint32_t max_devices; /* of that group; 0: the host's default */
	const char *map;      /* name of the map to use; NULL: the device's or the default one */
	bool optimistic;      /* writes to this device are answered without its confirmation */
	/* Stands for the message it came with, and this reading of it, where the source sends again
	 * what was not acknowledged: the same mark soon again has no effect. The upper 8 bits tell
	 * who sends again (LGW_MARK_FROM), all marks of a batch the same: of each the latest
	 * batches are known. 0: none. */
	uint64_t mark;
};

/* Facts of a device, all optional (NULL). They fill its LwM2M Device object (/3). */
struct lgw_device_info {
	const char *name; /* for people; may change */
	const char *manufacturer;
	const char *model;
	const char *serial;
	const char *hardware_version;
	const char *firmware_version;
};

/*
 * Called once in the loop's thread, or in the thread given to it by lgw_host->post: status is
 * LGW_OK when every reading of the batch is durable or need not be.
 */
typedef void (*lgw_batch_fn)(void *ud, int status);

/* A write to a device, or a command without a value (LGW_NULL), asked for by a server. */
struct lgw_command {
	uint64_t id; /* to be handed back with lgw_host->command_done */
	const char *device;
	const char *key;
	struct lgw_value value;
	bool execute; /* an Execute: value is its argument text or LGW_NULL */
};

#ifdef __cplusplus
}
#endif
#endif
