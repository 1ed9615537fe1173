/* SPDX-License-Identifier: BSD-3-Clause */
/* The bus, ModemManager on it, and which of its modems is ours; each may come and go. */
#include <string.h>
#include "state.h"

#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000

static void log_error(struct modem *m, const char *what, GError *err)
{
	m->host->log(m->host, LGW_LOG_WARNING, NULL, "%s: %s", what, err->message);
	g_error_free(err);
}

/* --- which modem ---------------------------------------------------------------------------- */

static bool modem_wanted(const struct modem *m, MMObject *object)
{
	const char *wanted = m->conf->device;
	MMModem *modem = mm_object_peek_modem(object);

	if (!modem) /* not there yet, or no longer */
		return false;
	if (!wanted)
		return true;
	return !g_strcmp0(mm_modem_get_path(modem), wanted) ||
	       !g_strcmp0(mm_modem_get_equipment_identifier(modem), wanted) ||
	       !g_strcmp0(mm_modem_get_device(modem), wanted) ||
	       !g_strcmp0(mm_modem_get_device_identifier(modem), wanted);
}

static void drop(struct modem *m, const char *why)
{
	if (!m->object)
		return;
	machine_end(m, why);
	g_clear_object(&m->object);
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(g_dbus_object_get_object_path(G_DBUS_OBJECT((gpointer)a)),
		g_dbus_object_get_object_path(G_DBUS_OBJECT((gpointer)b)));
}

/* Look again which one is to be used. */
static void choose(struct modem *m)
{
	GList *all = g_dbus_object_manager_get_objects(G_DBUS_OBJECT_MANAGER(m->manager));

	all = g_list_sort(all, by_path);
	for (GList *l = all; l && !m->object; l = l->next)
		if (MM_IS_OBJECT(l->data) && modem_wanted(m, l->data))
			m->object = g_object_ref(l->data);
	g_list_free_full(all, g_object_unref);
	if (m->object)
		machine_begin(m);
	else
		machine_show(m, SHOW_BAD, "absent: ModemManager knows no such modem");
}

static void on_added(GDBusObjectManager *om, GDBusObject *object, gpointer ud)
{
	struct modem *m = ud;

	(void)om;
	(void)object;
	if (!m->object)
		choose(m);
}

static void on_removed(GDBusObjectManager *om, GDBusObject *object, gpointer ud)
{
	struct modem *m = ud;

	(void)om;
	if (!m->object || G_DBUS_OBJECT(m->object) != object)
		return;
	drop(m, "absent: the modem was removed");
	choose(m);
}

/* Interfaces of a modem come and go one by one. */
static void on_interface(
	GDBusObjectManager *om, GDBusObject *object, GDBusInterface *interface, gpointer ud)
{
	struct modem *m = ud;

	(void)om;
	(void)interface;
	if (!m->object)
		choose(m);
	else if (G_DBUS_OBJECT(m->object) == object && !mm_object_peek_modem(m->object))
		on_removed(om, object, ud);
	else if (G_DBUS_OBJECT(m->object) == object)
		machine_step(m);
}

/* --- ModemManager --------------------------------------------------------------------------- */

/* Stopped or hung, it keeps its name on the bus, and all that was asked of it waits. */
static void set_stuck(struct modem *m, bool stuck)
{
	if (m->stuck == stuck)
		return;
	m->stuck = stuck;
	if (stuck)
		machine_show(m, SHOW_BAD, "stuck: ModemManager does not answer");
	else if (!m->object)
		choose(m);
	machine_step(m);
}

static void answered(GObject *bus, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	GVariant *v = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), res, &err);
	struct modem *m = call_end(call, NULL);

	if (m) {
		set_stuck(m, g_error_matches(err, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
		m->host->timer_set(m->ask, m->conf->alive_ms);
	}
	g_clear_pointer(&v, g_variant_unref);
	g_clear_error(&err);
}

/* The timer: ModemManager is asked for a sign of life. */
static void ask(void *ud)
{
	struct modem *m = ud;

	if (!m->bus)
		return;
	g_dbus_connection_call(m->bus, MM_DBUS_SERVICE, MM_DBUS_PATH,
		"org.freedesktop.DBus.Properties", "Get",
		g_variant_new("(ss)", "org.freedesktop.ModemManager1", "Version"), NULL,
		G_DBUS_CALL_FLAGS_NO_AUTO_START, (gint)m->conf->alive_ms, m->cancel, answered,
		call_new(m, NULL));
	wake();
}

static void on_owner(GObject *om, GParamSpec *spec, gpointer ud)
{
	struct modem *m = ud;
	char *owner = g_dbus_object_manager_client_get_name_owner(G_DBUS_OBJECT_MANAGER_CLIENT(om));

	(void)spec;
	m->stuck = false;
	m->host->timer_set(m->ask, owner ? m->conf->alive_ms : -1);
	if (!owner) {
		lock_calm(m);
		drop(m, "absent: ModemManager does not run");
		machine_show(m, SHOW_BAD, "absent: ModemManager does not run");
	} else if (!m->object) {
		choose(m);
	}
	g_free(owner);
}

static void manager_drop(struct modem *m)
{
	drop(m, "absent");
	if (m->manager)
		g_signal_handlers_disconnect_by_data(m->manager, m);
	g_clear_object(&m->manager);
	if (m->bus)
		g_signal_handlers_disconnect_by_data(m->bus, m);
	g_clear_object(&m->bus);
	m->stuck = false;
	m->host->timer_set(m->ask, -1);
	calls_forget(m);
}

static void again(struct modem *m)
{
	manager_drop(m);
	machine_show(m, SHOW_BAD, "absent: no D-Bus");
	m->host->timer_set(m->retry, m->retry_ms);
	m->retry_ms = MIN(m->retry_ms * 2, RETRY_MAX_MS);
}

static void manager_made(GObject *source, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	MMManager *manager = mm_manager_new_finish(res, &err);
	struct modem *m = call_end(call, NULL);

	(void)source;
	if (!m) {
		g_clear_object(&manager);
		g_clear_error(&err);
		return;
	}
	if (!manager) {
		log_error(m, "ModemManager", err);
		again(m);
		return;
	}
	m->manager = manager;
	m->retry_ms = RETRY_MIN_MS;
	g_signal_connect(manager, "notify::name-owner", G_CALLBACK(on_owner), m);
	g_signal_connect(manager, "object-added", G_CALLBACK(on_added), m);
	g_signal_connect(manager, "object-removed", G_CALLBACK(on_removed), m);
	g_signal_connect(manager, "interface-added", G_CALLBACK(on_interface), m);
	g_signal_connect(manager, "interface-removed", G_CALLBACK(on_interface), m);
	on_owner(G_OBJECT(manager), NULL, m);
}

/* --- the bus -------------------------------------------------------------------------------- */

static void on_closed(GDBusConnection *bus, gboolean remote, GError *err, gpointer ud)
{
	(void)bus;
	(void)remote;
	(void)err;
	again(ud);
}

static void connected(GObject *source, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	GDBusConnection *bus = g_dbus_connection_new_for_address_finish(res, &err);
	struct modem *m = call_end(call, NULL);

	(void)source;
	if (!m) {
		g_clear_object(&bus);
		g_clear_error(&err);
		return;
	}
	if (!bus) {
		log_error(m, "D-Bus", err);
		again(m);
		return;
	}
	m->bus = bus;
	g_dbus_connection_set_exit_on_close(bus, FALSE);
	g_signal_connect(bus, "closed", G_CALLBACK(on_closed), m);
	mm_manager_new(bus, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START, m->cancel,
		manager_made, call_new(m, NULL));
	wake();
}

/* A connection of our own, so that its end is seen, and none of others is shared. */
static void connect_(void *ud)
{
	struct modem *m = ud;
	GError *err = NULL;
	char *address = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SYSTEM, NULL, &err);

	if (!address) {
		log_error(m, "D-Bus", err);
		again(m);
		return;
	}
	g_dbus_connection_new_for_address(address,
		G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
			G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
		NULL, m->cancel, connected, call_new(m, NULL));
	g_free(address);
	wake();
}

void watch_begin(struct modem *m)
{
	m->retry_ms = RETRY_MIN_MS;
	m->retry = m->host->timer_new(m->host, connect_, m);
	m->ask = m->host->timer_new(m->host, ask, m);
	machine_show(m, SHOW_COMING, "absent: not connected to D-Bus yet");
	connect_(m);
}

void watch_end(struct modem *m)
{
	manager_drop(m);
	m->host->timer_free(m->retry);
	m->host->timer_free(m->ask);
}
