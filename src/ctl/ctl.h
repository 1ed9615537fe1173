/* SPDX-License-Identifier: BSD-3-Clause */
/* lwm2mctl: the commands, and what they share. */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <gio/gio.h>
#include <stdbool.h>

#define CTL_NAME    "org.lwm2m.Gateway1"
#define CTL_PATH    "/org/lwm2m/Gateway1"
#define CTL_MANAGER CTL_NAME ".Manager"
#define CTL_DEVICE  CTL_NAME ".Device"

enum ctl_status {
	CTL_OK = 0,
	CTL_FAILED = 1,   /* refused, or did not work */
	CTL_USAGE = 2,    /* not understood */
	CTL_NO_DAEMON = 3 /* no bus, or no daemon on it */
};

struct ctl {
	GDBusConnection *bus;
	bool json;
	const char *about; /* what the next call is about, for its error; or NULL */
};

/* The whole program; returns its exit status. */
int ctl_main(int argc, char **argv);

/* Call a method; NULL after a line on standard error and with *status set. args: floating. */
GVariant *ctl_call(struct ctl *c, const char *object, const char *interface, const char *method,
	GVariant *args, const char *reply, int *status);
/* All properties, a{sv}; likewise. */
GVariant *ctl_properties(struct ctl *c, const char *object, const char *interface, int *status);

/* One command; argv are its arguments, argv[0] the first one. Returns an exit status. */
struct ctl_command {
	const char *name, *arguments, *help;
	int min, max; /* arguments; max -1: any number */
	int (*run)(struct ctl *c, int argc, char **argv);
};
extern const struct ctl_command ctl_commands[];       /* ends with a NULL name */
int ctl_modem(struct ctl *c, int argc, char **argv);  /* modem.c */
int ctl_status(struct ctl *c, int argc, char **argv); /* status.c */
int ctl_store(struct ctl *c, int argc, char **argv);  /* store.c */
int ctl_store_line(struct ctl *c);                    /* what waits, in a line */

#endif
