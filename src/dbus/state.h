/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of this folder share. */
#ifndef DBUS_STATE_H
#define DBUS_STATE_H

#include <gio/gio.h>
#include "dbus/bus.h"

#define BUS_NAME    "org.lwm2m.Gateway1"
#define BUS_PATH    "/org/lwm2m/Gateway1"
#define BUS_DEVICES BUS_PATH "/device"
#define BUS_ALARMS  16

struct bus {
	struct loop *loop;
	struct gateway *gateway;
	struct plugins *plugins;
	const struct link_env *links;
	const struct session_env *sessions;
	const struct bus_hooks *hooks;
	void *ud;
	char *address, *group;
	int64_t start_ms; /* Unix time */

	GDBusConnection *conn; /* NULL while the bus is not there */
	GCancellable *cancel;
	guint name, manager, objman, devices;
	struct timer retry;
	int64_t pause_ms;

	GHashTable *changes; /* endpoint name -> enum bus_change: signals to be sent */
	struct timer changes_timer;

	GHashTable *monitors; /* unique bus name -> struct monitor */
	GHashTable *values;   /* endpoint and path -> what is to be told of it */
	struct timer values_timer;

	struct alarm {
		int64_t time_ms;
		char *name, *text;
	} alarms[BUS_ALARMS]; /* a ring */
	uint64_t nalarms;
};

static inline struct timers *bus_timers(const struct bus *b)
{
	return loop_timers(b->loop);
}

/* --- store.c: methods of the manager ----------------------------------------------------- */

void store_get(struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv);
void store_flush(struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv);
void store_drop_all(struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv);

/* --- servers.c: likewise ------------------------------------------------------------------ */

void servers_list(struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv);

/* --- methods.c: calls by table, rights --------------------------------------------------- */

struct bus_method {
	const char *name;
	bool privileged; /* root, the daemon's user, the group */
	/* d: NULL for the manager's. Answers inv, now or later. */
	void (*fn)(struct bus *b, struct device *d, GVariant *args, GDBusMethodInvocation *inv);
};
/* Of each interface, up to one without a name. */
extern const struct bus_method manager_methods[], device_methods[], objman_methods[];
/* Of each vtable: runs the method of its interface, after asking for rights where it needs them.
 * ud: struct bus *. */
void methods_call(GDBusConnection *conn, const gchar *sender, const gchar *path, const gchar *iface,
	const gchar *method, GVariant *args, GDBusMethodInvocation *inv, gpointer ud);
/* Answer with the error that stands for a status; text: NULL or what to say beyond its name. */
void methods_fail(GDBusMethodInvocation *inv, int status, const char *text);

/* --- manager.c --------------------------------------------------------------------------- */

extern const GDBusInterfaceVTable manager_vtable; /* ud: struct bus * */
void manager_alarm(struct bus *b, const char *name, const char *text);

/* --- device.c ---------------------------------------------------------------------------- */

extern const GDBusSubtreeVTable device_subtree; /* ud: struct bus * */
/* BUS_DEVICES/NAME; to be freed. */
char *device_path(const char *endpoint);
/* NULL if there is none. */
struct device *device_at(struct bus *b, const char *object_path);
/* a{sv} of all properties, floating. */
GVariant *device_properties(struct device *d);
/* A string, empty if s is NULL or no UTF-8; floating. */
GVariant *device_text(const char *s);
/* The last error of a server_info in words, or its CoAP code; returns buf. */
const char *device_error(char buf[64], int error);
/* How many servers it has, and how many of them it is registered with. */
void device_servers(struct device *d, unsigned *servers, unsigned *registered);

/* --- objman.c: ObjectManager, and signals of devices that come, change and go -------------- */

enum bus_change { CHANGE_NONE, CHANGE_ADDED, CHANGE_REMOVED, CHANGE_PROPERTIES };
extern const GDBusInterfaceVTable objman_vtable; /* ud: struct bus * */
void objman_init(struct bus *b);
void objman_fini(struct bus *b);
void objman_change(struct bus *b, const char *endpoint, enum bus_change what);

/* --- monitor.c: values for those who asked -------------------------------------------------- */

void monitor_init(struct bus *b);
void monitor_fini(struct bus *b);
/* endpoints: "as", empty for all. LGW_ENOMEM when there are too many monitors. */
int monitor_add(struct bus *b, const char *sender, GVariant *endpoints);
void monitor_remove(struct bus *b, const char *sender);
void monitor_value(struct bus *b, struct device *d, const struct path *p, const struct value *v,
	int64_t time_ms);

/* --- bus.c: "system", "session" or an address; g_free it ------------------------------------- */

char *bus_address(const char *wanted, GError **err);

/* --- variant.c ----------------------------------------------------------------------------- */

/* Floating; no value: an empty text. */
GVariant *variant_of(const struct value *v);
/* A loan from v. A text is untyped and understood later. LGW_EINVAL. */
int variant_value(GVariant *v, struct value *out);

#endif
