/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Firmware Update (LwM2M 1.0 E.6): the state machine. Files, downloads and the update itself are
 * with a back end that is given at creation.
 */
#ifndef OBJECTS_FIRMWARE_H
#define OBJECTS_FIRMWARE_H

#include "objects/env.h"

#define FIRMWARE_TEXT_MAX 255 /* bytes of a URI, name or version */

enum firmware_state { FIRMWARE_IDLE, FIRMWARE_DOWNLOADING, FIRMWARE_DOWNLOADED, FIRMWARE_UPDATING };

/* /5/0/5; FIRMWARE_NONE also: this step went well. */
enum firmware_result {
	FIRMWARE_NONE,
	FIRMWARE_SUCCESS,
	FIRMWARE_NO_SPACE,
	FIRMWARE_NO_MEMORY,
	FIRMWARE_LOST,
	FIRMWARE_INTEGRITY,
	FIRMWARE_TYPE,
	FIRMWARE_BAD_URI,
	FIRMWARE_FAILED,
	FIRMWARE_PROTOCOL
};

/* What survives a restart. */
struct firmware_record {
	uint8_t state, result;
	bool pull;     /* from uri, not pushed */
	bool whole;    /* all of it came, it is looked at */
	uint16_t ssid; /* who wrote the URI */
	char uri[FIRMWARE_TEXT_MAX + 1], name[FIRMWARE_TEXT_MAX + 1],
		version[FIRMWARE_TEXT_MAX + 1];
};

struct firmware;

/*
 * What carries it out. fetch, check and install end with one firmware_step, which may come from
 * within them, unless drop comes first. again: a restart came in between.
 */
struct firmware_backend {
	/* An image comes in parts, an earlier one is forgotten. FIRMWARE_NONE or why not. */
	enum firmware_result (*begin)(void *ud);
	enum firmware_result (*write)(void *ud, const uint8_t *p, size_t len);
	void (*fetch)(void *ud, const struct firmware_record *r, bool again);
	/* All of it is there: is it what it should be? Make it durable. */
	void (*check)(void *ud);
	void (*install)(void *ud, const struct firmware_record *r, bool again);
	/* Forget the image, and what is under way with it. */
	void (*drop)(void *ud);
	/* Keep this, durable when it returns; a failure is the back end's to tell. */
	void (*save)(void *ud, const struct firmware_record *r);
	uint8_t protocols; /* of /5/0/8, as bits: CoAP, CoAPS, HTTP, HTTPS, CoAP/TCP, CoAPS/TCP */
};

/* Object 5 with its instance. r: as it was saved last, NULL: at the begin; what a restart
 * interrupted goes on. be and ud outlive the client. *out lives as long as the object. */
int object_firmware_add(struct objects *o, const struct firmware_backend *be, void *ud,
	const struct firmware_record *r, struct firmware **out);
/* The step under way ended. In other states nothing happens. */
void firmware_step(struct firmware *f, enum firmware_result result);
/* What the image says of itself: /5/0/6 and /5/0/7. NULL: nothing. */
void firmware_package(struct firmware *f, const char *name, const char *version);
const struct firmware_record *firmware_now(const struct firmware *f);

#endif
