/* SPDX-License-Identifier: BSD-3-Clause */
/* org.lwm2m.Gateway1.Manager: status, devices, monitoring, reload, log levels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dbus/state.h"
#include "lwm2m/clients.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("dbus");

/* --- status -------------------------------------------------------------------------------- */

static void count(GVariantBuilder *b, const char *name, uint64_t v)
{
	g_variant_builder_add(b, "{sx}", name, (gint64)v);
}

static void counters_gateway(const struct bus *b, GVariantBuilder *list)
{
	const struct gateway_counters *c = gateway_counters(b->gateway);

	count(list, "gateway.readings", c->readings);
	count(list, "gateway.unmapped", c->unmapped);
	count(list, "gateway.refused", c->refused);
	count(list, "gateway.stale", c->stale);
	count(list, "gateway.repeated", c->repeated);
	count(list, "gateway.commands", c->commands);
	count(list, "gateway.commands_failed", c->commands_failed);
	count(list, "gateway.devices_refused", c->devices_refused);
}

static void counters_link(const struct bus *b, GVariantBuilder *list)
{
	const struct link_counters *c = &b->links->count;

	count(list, "link.received", c->rx);
	count(list, "link.sent", c->tx);
	count(list, "link.received_bytes", c->rx_bytes);
	count(list, "link.sent_bytes", c->tx_bytes);
	count(list, "link.foreign", c->foreign);
	count(list, "link.icmp", c->icmp);
}

static void counters_coap(const struct bus *b, GVariantBuilder *list)
{
	const struct session_counters *c = &b->sessions->count;

	count(list, "coap.malformed", c->malformed);
	count(list, "coap.duplicates", c->duplicates);
	count(list, "coap.retransmits", c->retransmits);
	count(list, "coap.resets_received", c->resets_rx);
	count(list, "coap.resets_sent", c->resets_tx);
	count(list, "coap.timeouts", c->timeouts);
	count(list, "coap.unmatched", c->unmatched);
	count(list, "coap.refused", c->refused);
	count(list, "coap.unverified", c->unverified);
}

static GVariant *counters(const struct bus *b)
{
	GVariantBuilder list;
	struct plugin_counter c;

	g_variant_builder_init(&list, G_VARIANT_TYPE("a{sx}"));
	counters_gateway(b, &list);
	counters_link(b, &list);
	counters_coap(b, &list);
	for (size_t i = 0; plugins_counter(b->plugins, i, &c); i++) {
		char name[128];

		snprintf(name, sizeof(name), "plugin.%s.%s", c.plugin, c.name);
		count(&list, name, (uint64_t)c.value);
	}
	return g_variant_builder_end(&list);
}

static GVariant *parts(const struct bus *b)
{
	GVariantBuilder list;
	struct plugin_part p;

	g_variant_builder_init(&list, G_VARIANT_TYPE("a(ssbs)"));
	for (size_t i = 0; plugins_part(b->plugins, i, &p); i++)
		g_variant_builder_add(&list, "(ssbs)", p.plugin, p.part, p.ok, p.text);
	return g_variant_builder_end(&list);
}

static GVariant *alarms(const struct bus *b)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("a(xss)"));
	for (uint64_t i = b->nalarms > BUS_ALARMS ? b->nalarms - BUS_ALARMS : 0; i < b->nalarms;
		i++) {
		const struct alarm *a = &b->alarms[i % BUS_ALARMS];

		g_variant_builder_add(&list, "(xss)", a->time_ms, a->name, a->text);
	}
	return g_variant_builder_end(&list);
}

void manager_alarm(struct bus *b, const char *name, const char *text)
{
	struct alarm *a = &b->alarms[b->nalarms++ % BUS_ALARMS];

	free(a->name);
	free(a->text);
	a->time_ms = timers_wall(bus_timers(b));
	a->name = g_utf8_make_valid(name, -1);
	a->text = g_utf8_make_valid(text, -1);
	if (b->conn)
		g_dbus_connection_emit_signal(b->conn, NULL, BUS_PATH, BUS_NAME ".Manager", "Alarm",
			g_variant_new("(ss)", a->name, a->text), NULL);
}

static void get_status(
	struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	(void)none;
	(void)args;
	g_dbus_method_invocation_return_value(
		inv, g_variant_new("(@a{sx}@a(ssbs)@a(xss))", counters(b), parts(b), alarms(b)));
}

/* --- devices ------------------------------------------------------------------------------- */

static void add_device(GVariantBuilder *list, struct device *d)
{
	GVariant *all = g_variant_ref_sink(device_properties(d));
	const char *endpoint, *plugin, *id, *name;
	unsigned servers, registered;
	char *path;

	g_variant_lookup(all, "Endpoint", "&s", &endpoint);
	g_variant_lookup(all, "Plugin", "&s", &plugin);
	g_variant_lookup(all, "Id", "&s", &id);
	g_variant_lookup(all, "Name", "&s", &name);
	device_servers(d, &servers, &registered);
	path = device_path(endpoint);
	g_variant_builder_add(list, "(ossssbuux)", path, endpoint, plugin, id, name,
		device_online(d), servers, registered, device_last_reading(d));
	free(path);
	g_variant_unref(all);
}

static void list_devices(
	struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	GVariantBuilder list;
	struct device *d;
	size_t it = 0;

	(void)none;
	(void)args;
	g_variant_builder_init(&list, G_VARIANT_TYPE("a(ossssbuux)"));
	while ((d = gateway_next(b->gateway, &it)))
		add_device(&list, d);
	g_dbus_method_invocation_return_value(inv, g_variant_new("(a(ossssbuux))", &list));
}

static void find_device(
	struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	struct device *found, *d;
	unsigned n = 0;
	const char *name;
	size_t it = 0;
	char *path;

	(void)none;
	g_variant_get(args, "(&s)", &name);
	found = gateway_find(b->gateway, name);
	while (!found && !n && (d = gateway_next(b->gateway, &it)))
		if (!strcmp(device_id(d), name)) {
			found = d;
			while ((d = gateway_next(b->gateway, &it)))
				n += !strcmp(device_id(d), name);
		}
	if (!found || n) {
		methods_fail(inv, LGW_ENOENT,
			n ? "several devices have this id: use the endpoint name"
			  : "no such device");
		return;
	}
	path = device_path(client_endpoint(device_client(found)));
	g_dbus_method_invocation_return_value(inv, g_variant_new("(o)", path));
	free(path);
}

/* --- monitor ------------------------------------------------------------------------------- */

static void do_monitor(
	struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	GVariant *endpoints;
	int r;

	(void)none;
	g_variant_get(args, "(@as)", &endpoints);
	r = monitor_add(b, g_dbus_method_invocation_get_sender(inv), endpoints);
	g_variant_unref(endpoints);
	if (r)
		methods_fail(inv, r, "too many monitors");
	else
		g_dbus_method_invocation_return_value(inv, NULL);
}

static void do_unmonitor(
	struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	(void)none;
	(void)args;
	monitor_remove(b, g_dbus_method_invocation_get_sender(inv));
	g_dbus_method_invocation_return_value(inv, NULL);
}

/* --- reload and log levels ----------------------------------------------------------------- */

static void do_reload(
	struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	char text[512] = "";
	char *valid;
	int r;

	(void)none;
	(void)args;
	r = b->hooks->reload(b->ud, text, sizeof(text));
	if (!r) {
		g_dbus_method_invocation_return_value(inv, NULL);
		return;
	}
	valid = g_utf8_make_valid(text, -1);
	methods_fail(inv, r, valid);
	free(valid);
}

static void get_log_levels(
	struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	GVariantBuilder list;
	char name[LOG_NAME_MAX];
	enum lgw_log_level level;

	(void)b;
	(void)none;
	(void)args;
	g_variant_builder_init(&list, G_VARIANT_TYPE("a{ss}"));
	for (unsigned i = 0; log_level_named(i, name, &level); i++)
		g_variant_builder_add(&list, "{ss}", name, log_level_text(level));
	g_dbus_method_invocation_return_value(
		inv, g_variant_new("(sa{ss})", log_level_text(log_level(NULL)), &list));
}

static void set_log_level(
	struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	const char *module, *text;
	int level;

	(void)b;
	(void)none;
	g_variant_get(args, "(&s&s)", &module, &text);
	level = log_level_parse(text);
	if (level < 0) {
		methods_fail(inv, LGW_EINVAL, "levels: err, warning, notice, info, debug");
		return;
	}
	if (*module && log_module_fault(module)) {
		methods_fail(inv, LGW_EINVAL, log_module_fault(module));
		return;
	}
	if (log_set_level(*module ? module : NULL, (enum lgw_log_level)level)) {
		methods_fail(inv, LGW_EINVAL, "name of a module too long, or too many");
		return;
	}
	log_notice(NULL, "log level of %s is %s", *module ? module : "all", text);
	g_dbus_method_invocation_return_value(inv, NULL);
}

const struct bus_method manager_methods[] = {
	{ "GetStatus", false, get_status },
	{ "ListServers", false, servers_list },
	{ "ListDevices", false, list_devices },
	{ "FindDevice", false, find_device },
	{ "Monitor", false, do_monitor },
	{ "Unmonitor", false, do_unmonitor },
	{ "Reload", true, do_reload },
	{ "GetStore", false, store_get },
	{ "FlushStore", true, store_flush },
	{ "DropStore", true, store_drop_all },
	{ "GetLogLevels", false, get_log_levels },
	{ "SetLogLevel", true, set_log_level },
	{ NULL, false, NULL },
};

static GVariant *get_property(GDBusConnection *conn, const gchar *sender, const gchar *path,
	const gchar *iface, const gchar *name, GError **err, gpointer ud)
{
	struct bus *b = ud;

	(void)conn;
	(void)sender;
	(void)path;
	(void)iface;
	(void)err;
	if (!strcmp(name, "Version"))
		return g_variant_new_string(b->hooks->version(b->ud));
	if (!strcmp(name, "StartTime"))
		return g_variant_new_int64(b->start_ms);
	if (!strcmp(name, "Devices"))
		return g_variant_new_uint32((guint32)gateway_count(b->gateway));
	return g_variant_new_uint32((guint32)gateway_registered(b->gateway));
}

const GDBusInterfaceVTable manager_vtable = { .method_call = methods_call,
	.get_property = get_property };
