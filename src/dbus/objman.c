/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * org.freedesktop.DBus.ObjectManager over the gateway's own list of devices: no object of GLib's
 * exists per device. Changes are gathered, so that a storm of registrations is no storm of signals.
 */
#include <stdlib.h>
#include "dbus/state.h"
#include "lwm2m/client.h"
#include "util/mem.h"

#define INTERFACE "org.freedesktop.DBus.ObjectManager"
#define DEVICE    BUS_NAME ".Device"
#define GATHER_MS 250
#define AT_ONCE   200 /* signals in one turn of the loop */

static GVariant *interfaces_of(struct device *d)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE("a{sa{sv}}"));
	g_variant_builder_add(&b, "{s@a{sv}}", DEVICE, device_properties(d));
	return g_variant_builder_end(&b);
}

static void managed(struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	GVariantBuilder all;
	struct device *d;
	size_t it = 0;

	(void)none;
	(void)args;
	g_variant_builder_init(&all, G_VARIANT_TYPE("a{oa{sa{sv}}}"));
	while ((d = gateway_next(b->gateway, &it))) {
		char *path = device_path(client_endpoint(device_client(d)));

		g_variant_builder_add(&all, "{o@a{sa{sv}}}", path, interfaces_of(d));
		free(path);
	}
	g_dbus_method_invocation_return_value(inv, g_variant_new("(a{oa{sa{sv}}})", &all));
}

const struct bus_method objman_methods[] = {
	{ "GetManagedObjects", false, managed },
	{ NULL, false, NULL },
};

const GDBusInterfaceVTable objman_vtable = { .method_call = methods_call };

/* --- signals ------------------------------------------------------------------------------- */

static void send_added(struct bus *b, const char *object, struct device *d)
{
	g_dbus_connection_emit_signal(b->conn, NULL, BUS_PATH, INTERFACE, "InterfacesAdded",
		g_variant_new("(o@a{sa{sv}})", object, interfaces_of(d)), NULL);
}

static void send_removed(struct bus *b, const char *object)
{
	const char *const gone[] = { DEVICE, NULL };

	g_dbus_connection_emit_signal(b->conn, NULL, BUS_PATH, INTERFACE, "InterfacesRemoved",
		g_variant_new("(o^as)", object, gone), NULL);
}

static void send_properties(struct bus *b, const char *object, struct device *d)
{
	const char *const none[] = { NULL };

	g_dbus_connection_emit_signal(b->conn, NULL, object, "org.freedesktop.DBus.Properties",
		"PropertiesChanged",
		g_variant_new("(s@a{sv}^as)", DEVICE, device_properties(d), none), NULL);
}

static void announce(struct bus *b, const char *endpoint, enum bus_change what)
{
	struct device *d = gateway_find(b->gateway, endpoint);
	char *object = device_path(endpoint);

	if (what == CHANGE_REMOVED)
		send_removed(b, object);
	else if (d && what == CHANGE_ADDED)
		send_added(b, object, d);
	else if (d)
		send_properties(b, object, d);
	free(object);
}

static void flush(struct timer *t, void *ud)
{
	struct bus *b = ud;
	GHashTableIter it;
	gpointer endpoint, what;

	g_hash_table_iter_init(&it, b->changes);
	for (unsigned n = 0; n < AT_ONCE && g_hash_table_iter_next(&it, &endpoint, &what); n++) {
		if (b->conn)
			announce(b, endpoint, (enum bus_change)GPOINTER_TO_INT(what));
		g_hash_table_iter_remove(&it);
	}
	if (g_hash_table_size(b->changes))
		timer_set(bus_timers(b), t, timers_now(bus_timers(b)) + 1);
}

/* Two changes that wait become one. */
static enum bus_change merged(enum bus_change was, enum bus_change is)
{
	if (was == CHANGE_ADDED)
		return is == CHANGE_REMOVED ? CHANGE_NONE : CHANGE_ADDED;
	if (was == CHANGE_REMOVED && is == CHANGE_ADDED)
		return CHANGE_PROPERTIES;
	return is;
}

void objman_change(struct bus *b, const char *endpoint, enum bus_change what)
{
	gpointer was = g_hash_table_lookup(b->changes, endpoint);

	if (!b->conn)
		return;
	what = merged((enum bus_change)GPOINTER_TO_INT(was), what);
	if (what == CHANGE_NONE)
		g_hash_table_remove(b->changes, endpoint);
	else
		g_hash_table_insert(b->changes, g_strdup(endpoint), GINT_TO_POINTER(what));
	if (!timer_armed(&b->changes_timer))
		timer_set(bus_timers(b), &b->changes_timer, timers_now(bus_timers(b)) + GATHER_MS);
}

void objman_init(struct bus *b)
{
	b->changes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	timer_init(&b->changes_timer, flush, b);
}

void objman_fini(struct bus *b)
{
	timer_del(bus_timers(b), &b->changes_timer);
	g_hash_table_unref(b->changes);
}
