/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One package of one device on its way: the file, what fetches it, what looks at it and installs it
 * (a hook). Firmware (object 5) and software (object 9) use it alike. At most one thing is under
 * way; each ends with one call of ended, from the loop, unless parcel_drop comes first.
 */
#ifndef GATEWAY_PARCEL_H
#define GATEWAY_PARCEL_H

#include "gateway/gateway.h"
#include "objects/firmware.h"

struct parcel;
struct hook_request;

/* What all parcels of the process need; outlives the gateway. */
struct workers;
struct fetch_env;
struct hook_ops;
struct parcel_env {
	struct fetch_env *fetch;
	struct workers *workers;
	const struct hook_ops *hooks;
	void *hooks_ud;
};

struct parcel_owner {
	void (*ended)(void *ud, enum firmware_result result);
	/* A line "KEY=VALUE" of a hook's output, before ended; NULL: nobody listens. */
	void (*told)(void *ud, const char *key, const char *value);
	/* Further variables of a hook; as parcel_var. */
	void (*vars)(void *ud, struct hook_request *r);
};

/* dir: where its files are, made when it is needed. hook: name of its program, NULL: none, then
 * every check passes and nothing can be installed. job: what tells its runs from those of other
 * parcels of the device. All copied. NULL: the gateway was given no
 * parcel_env. */
struct parcel *parcel_new(struct device *d, const char *dir, const char *hook, const char *job,
	const struct parcel_owner *owner, void *ud);
void parcel_free(struct parcel *p); /* files stay; takes NULL */
const char *parcel_dir(const struct parcel *p);
const char *parcel_image(const struct parcel *p); /* path of the file */
bool parcel_has_image(const struct parcel *p);

/* A file begins, and grows. Why it cannot, or FIRMWARE_NONE. */
enum firmware_result parcel_begin(struct parcel *p);
enum firmware_result parcel_write(struct parcel *p, const uint8_t *b, size_t len);
/* From a URI that server ssid gave; user and password NULL or empty: none. again: go on with what
 * is there. */
struct parcel_source {
	const char *uri, *user, *password;
	uint16_t ssid;
	bool again;
};
void parcel_fetch(struct parcel *p, const struct parcel_source *s);
/* Make the file durable, compare it with the digest that uri promises, ask the hook. */
void parcel_check(struct parcel *p, const char *uri);
/* Run the hook. */
void parcel_run(struct parcel *p, const char *verb);
/* Nothing is under way any more (a hook goes on, untold), and the file is gone. */
void parcel_drop(struct parcel *p);
/* A variable of a hook: NAME=VALUE, control characters replaced; value NULL: left out. */
void parcel_var(struct hook_request *r, const char *name, const char *value);

#endif
