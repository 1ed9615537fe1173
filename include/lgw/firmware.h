/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Firmware of a plugin's devices. The host receives or fetches the image (object 5 of LwM2M), keeps
 * it in a file, and asks the plugin to look at it and to install it.
 */
#ifndef LGW_FIRMWARE_H
#define LGW_FIRMWARE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lgw_firmware_step {
	LGW_FIRMWARE_CHECK,   /* all of it came: is it an image for this device? */
	LGW_FIRMWARE_INSTALL, /* a server asked for it */
	LGW_FIRMWARE_RESUME   /* the daemon was restarted while it was installed: how did it end? */
};

/* How a step ended; the numbers of LwM2M's Update Result. */
enum lgw_firmware_result {
	LGW_FIRMWARE_OK = 0,
	LGW_FIRMWARE_NO_SPACE = 2,
	LGW_FIRMWARE_NO_MEMORY = 3,
	LGW_FIRMWARE_INTEGRITY = 5, /* damaged, or not signed as it should be */
	LGW_FIRMWARE_TYPE = 6,      /* not for this device */
	LGW_FIRMWARE_FAILED = 8
};

/* Borrowed for the time of the call; the file stays until the step has ended. */
struct lgw_firmware_job {
	const char *device;
	enum lgw_firmware_step step;
	const char *image; /* path */
};

/* What a plugin offers; all in the loop's thread, and nothing may block. */
struct lgw_firmware {
	/* Can this device be given firmware? Without side effects. */
	bool (*offers)(void *state, const char *device);
	/* LGW_OK promises one lgw_host->firmware_done for this device; LGW_EUNAVAIL and others end
	 * the step as failed. One step of a device at a time. */
	int (*begin)(void *state, const struct lgw_firmware_job *job);
};

#ifdef __cplusplus
}
#endif
#endif
