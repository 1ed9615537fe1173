/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Software Management (object 9) and Software Component (14): the state machines of packages.
 * Files, downloads and what installs them are with a back end that is given at creation.
 */
#ifndef OBJECTS_SOFTWARE_H
#define OBJECTS_SOFTWARE_H

#include "objects/firmware.h"

#define SOFTWARE_TEXT_MAX       255
#define SOFTWARE_PACKAGES_MAX   32 /* of one client */
#define SOFTWARE_COMPONENTS_MAX 8  /* of one package */

enum software_state {
	SOFTWARE_INITIAL,
	SOFTWARE_DOWNLOADING,
	SOFTWARE_DOWNLOADED,
	SOFTWARE_DELIVERED,
	SOFTWARE_INSTALLED
};

/* /9/x/9 */
enum software_result {
	SOFTWARE_NONE = 0,
	SOFTWARE_RUNNING = 1,
	SOFTWARE_SUCCESS = 2,
	SOFTWARE_VERIFIED = 3,
	SOFTWARE_NO_SPACE = 50,
	SOFTWARE_NO_MEMORY = 51,
	SOFTWARE_LOST = 52,
	SOFTWARE_INTEGRITY = 53,
	SOFTWARE_TYPE = 54,
	SOFTWARE_BAD_URI = 56,
	SOFTWARE_ERROR = 57,
	SOFTWARE_INSTALL_FAILED = 58,
	SOFTWARE_UNINSTALL_FAILED = 59
};

/* What the back end is at. */
enum software_job {
	SOFTWARE_IDLE,
	SOFTWARE_INSTALL,
	SOFTWARE_UNINSTALL,
	SOFTWARE_ACTIVATE,
	SOFTWARE_DEACTIVATE
};

struct software_component {
	char name[SOFTWARE_TEXT_MAX + 1], version[SOFTWARE_TEXT_MAX + 1];
	bool active;
	uint16_t iid; /* of object 14, while it is there */
};

/* What survives a restart, of one package. */
struct software_record {
	uint8_t state, result, job;
	bool pull, whole; /* as in struct firmware_record */
	bool active;      /* /9/x/12 */
	bool announce;    /* /9/x/8 */
	uint16_t ssid;
	uint16_t component; /* that the job is about; SOFTWARE_COMPONENTS_MAX: the package */
	char uri[SOFTWARE_TEXT_MAX + 1], user[SOFTWARE_TEXT_MAX + 1],
		password[SOFTWARE_TEXT_MAX + 1];
	char name[SOFTWARE_TEXT_MAX + 1], version[SOFTWARE_TEXT_MAX + 1];
	uint8_t ncomponents;
	struct software_component components[SOFTWARE_COMPONENTS_MAX];
};

struct software;

/* As struct firmware_backend, for the package of instance iid; each step ends with software_step.
 */
struct software_backend {
	enum firmware_result (*begin)(void *ud, uint16_t iid);
	enum firmware_result (*write)(void *ud, uint16_t iid, const uint8_t *p, size_t len);
	void (*fetch)(void *ud, uint16_t iid, const struct software_record *r, bool again);
	void (*check)(void *ud, uint16_t iid, const struct software_record *r);
	/* Do what r->job says. */
	void (*run)(void *ud, uint16_t iid, const struct software_record *r, bool again);
	void (*drop)(void *ud, uint16_t iid);
	void (*save)(void *ud, uint16_t iid, const struct software_record *r);
	/* The instance is gone, its record too. */
	void (*removed)(void *ud, uint16_t iid);
	/* Servers should learn what objects there are (/9/x/8). */
	void (*announce)(void *ud);
};

/* Objects 9 and 14, without instances. *out lives as long as object 9. */
int object_software_add(
	struct objects *o, const struct software_backend *be, void *ud, struct software **out);
/* A package that is there already: r as it was saved last, or what is installed on the device. What
 * a restart interrupted goes on. iid PATH_ID_NONE: a free one. Returns it, or LGW_ENOMEM. */
int software_restore(struct software *s, uint16_t iid, const struct software_record *r);
/* The step of this package that is under way ended; FIRMWARE_NONE: well. */
void software_step(struct software *s, uint16_t iid, enum firmware_result result);
/* What the package says of itself: NULL leaves it as it is. */
void software_package(struct software *s, uint16_t iid, const char *name, const char *version);
void software_reason(struct software *s, uint16_t iid, const char *text); /* /9/x/16 */
/* A component that came with it; the same name again: another version. LGW_ENOMEM. */
int software_component(struct software *s, uint16_t iid, const char *name, const char *version);
/* NULL: no such package. */
const struct software_record *software_now(const struct software *s, uint16_t iid);

#endif
