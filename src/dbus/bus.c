/* SPDX-License-Identifier: BSD-3-Clause */
/* The connection: made without blocking, made again when it is lost; the name; the objects. */
#include <stdlib.h>
#include <string.h>
#include "dbus/info.h"
#include "dbus/state.h"
#include "lwm2m/client.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("dbus");

#define PAUSE_MIN_MS 1000
#define PAUSE_MAX_MS 60000

static void later(struct bus *b)
{
	timer_set(bus_timers(b), &b->retry, timers_now(bus_timers(b)) + b->pause_ms);
	b->pause_ms = b->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : b->pause_ms * 2;
}

/* --- objects ------------------------------------------------------------------------------- */

static guint serve(struct bus *b, const GDBusInterfaceInfo *info, const GDBusInterfaceVTable *vt)
{
	return g_dbus_connection_register_object(
		b->conn, BUS_PATH, (GDBusInterfaceInfo *)(uintptr_t)info, vt, b, NULL, NULL);
}

static void withdraw(struct bus *b)
{
	if (b->manager)
		g_dbus_connection_unregister_object(b->conn, b->manager);
	if (b->objman)
		g_dbus_connection_unregister_object(b->conn, b->objman);
	if (b->devices)
		g_dbus_connection_unregister_subtree(b->conn, b->devices);
	b->manager = b->objman = b->devices = 0;
}

static bool offer(struct bus *b)
{
	b->manager = serve(b, &org_lwm2m_gateway1_manager_interface, &manager_vtable);
	b->objman = serve(b, &org_freedesktop_dbus_object_manager_interface, &objman_vtable);
	b->devices = g_dbus_connection_register_subtree(b->conn, BUS_DEVICES, &device_subtree,
		G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, b, NULL, NULL);
	return b->manager && b->objman && b->devices;
}

/* --- connection and name ------------------------------------------------------------------- */

static void disconnect(struct bus *b)
{
	if (!b->conn)
		return;
	monitor_fini(b);
	monitor_init(b);
	if (b->name)
		g_bus_unown_name(b->name);
	b->name = 0;
	withdraw(b);
	g_signal_handlers_disconnect_by_data(b->conn, b);
	g_dbus_connection_close_sync(b->conn, NULL, NULL);
	g_object_unref(b->conn);
	b->conn = NULL;
}

static void closed(GDBusConnection *conn, gboolean remote, GError *err, gpointer ud)
{
	struct bus *b = ud;

	(void)conn;
	(void)remote;
	log_warning(NULL, "the bus is gone%s%s", err ? ": " : "", err ? err->message : "");
	disconnect(b);
	later(b);
}

static void name_acquired(GDBusConnection *conn, const gchar *name, gpointer ud)
{
	struct bus *b = ud;

	(void)conn;
	b->pause_ms = PAUSE_MIN_MS;
	log_info(NULL, "on the bus as %s", name);
}

static void name_lost(GDBusConnection *conn, const gchar *name, gpointer ud)
{
	(void)ud;
	if (conn)
		log_err(NULL, "name %s: owned by another process, or not allowed by the bus", name);
}

static void connected(GObject *source, GAsyncResult *res, gpointer ud)
{
	struct bus *b = ud;
	GError *err = NULL;
	GDBusConnection *conn = g_dbus_connection_new_for_address_finish(res, &err);

	(void)source;
	if (!conn && g_error_matches(err, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		g_error_free(err); /* b may be gone */
		return;
	}
	if (!conn) {
		log_warning(NULL, "no bus: %s", err->message);
		g_error_free(err);
		later(b);
		return;
	}
	b->conn = conn;
	g_dbus_connection_set_exit_on_close(conn, FALSE);
	g_signal_connect(conn, "closed", G_CALLBACK(closed), b);
	if (!offer(b)) {
		log_err(NULL, "objects not offered on the bus");
		disconnect(b);
		later(b);
		return;
	}
	b->name = g_bus_own_name_on_connection(
		conn, BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE, name_acquired, name_lost, b, NULL);
}

char *bus_address(const char *wanted, GError **err)
{
	if (!wanted || !*wanted || !strcmp(wanted, "system"))
		return g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SYSTEM, NULL, err);
	if (!strcmp(wanted, "session"))
		return g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SESSION, NULL, err);
	return g_strdup(wanted);
}

static void connect_(struct timer *t, void *ud)
{
	struct bus *b = ud;
	GError *err = NULL;
	char *address = bus_address(b->address, &err);

	(void)t;
	if (!address) {
		log_warning(NULL, "no bus: %s", err->message);
		g_error_free(err);
		later(b);
		return;
	}
	g_dbus_connection_new_for_address(address,
		G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
			G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
		NULL, b->cancel, connected, b);
	g_free(address);
}

/* --- hooks of the gateway ------------------------------------------------------------------- */

static void added(void *ud, struct device *d)
{
	objman_change(ud, client_endpoint(device_client(d)), CHANGE_ADDED);
}
static void removed(void *ud, struct device *d)
{
	objman_change(ud, client_endpoint(device_client(d)), CHANGE_REMOVED);
}
static void changed(void *ud, struct device *d)
{
	objman_change(ud, client_endpoint(device_client(d)), CHANGE_PROPERTIES);
}
static void value(
	void *ud, struct device *d, const struct path *p, const struct value *v, int64_t time_ms)
{
	monitor_value(ud, d, p, v, time_ms);
}
static void alarm_(void *ud, const char *name, const char *text)
{
	manager_alarm(ud, name, text);
}

const struct gateway_hooks bus_gateway_hooks = {
	.device_added = added,
	.device_removed = removed,
	.device_changed = changed,
	.value = value,
	.alarm = alarm_,
};

/* --- life ---------------------------------------------------------------------------------- */

struct bus *bus_new(struct loop *l, const struct bus_params *p, struct gateway *g,
	struct plugins *plugins, const struct link_env *links, const struct session_env *sessions,
	const struct bus_hooks *hooks, void *ud)
{
	struct bus *b = xcalloc(1, sizeof(*b));

	b->loop = l;
	b->gateway = g;
	b->plugins = plugins;
	b->links = links;
	b->sessions = sessions;
	b->hooks = hooks;
	b->ud = ud;
	b->address = xstrdup(p->address);
	b->group = xstrdup(p->group);
	b->cancel = g_cancellable_new();
	b->pause_ms = PAUSE_MIN_MS;
	b->start_ms = timers_wall(bus_timers(b));
	objman_init(b);
	monitor_init(b);
	timer_init(&b->retry, connect_, b);
	timer_set(bus_timers(b), &b->retry, timers_now(bus_timers(b)));
	return b;
}

void bus_free(struct bus *b)
{
	if (!b)
		return;
	g_cancellable_cancel(b->cancel);
	timer_del(bus_timers(b), &b->retry);
	disconnect(b);
	monitor_fini(b);
	objman_fini(b);
	for (size_t i = 0; i < BUS_ALARMS; i++) {
		free(b->alarms[i].name);
		free(b->alarms[i].text);
	}
	g_object_unref(b->cancel);
	free(b->address);
	free(b->group);
	free(b);
}
