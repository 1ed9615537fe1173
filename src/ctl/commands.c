/* SPDX-License-Identifier: BSD-3-Clause */
/* One function per command. */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "util/num.h"

static void put_json(GString *out)
{
	puts(out->str);
	g_string_free(out, TRUE);
}

/* The array that is all of an answer, which is taken: as JSON, or as people read it. */
static void show_list(
	struct ctl *c, GVariant *answer, const char *const names[], void (*text)(GVariant *list))
{
	GVariant *list = g_variant_get_child_value(answer, 0);
	GString *out = g_string_new(NULL);

	if (c->json) {
		print_json_structs(out, list, names);
		put_json(out);
	} else {
		text(list);
		g_string_free(out, TRUE);
	}
	g_variant_unref(list);
	g_variant_unref(answer);
}

static GVariant *manager(
	struct ctl *c, const char *method, GVariant *args, const char *reply, int *status)
{
	return ctl_call(c, CTL_PATH, CTL_MANAGER, method, args, reply, status);
}

/* Call without an answer worth showing. */
static int just(struct ctl *c, const char *object, const char *interface, const char *method,
	GVariant *args)
{
	int status;
	GVariant *v = ctl_call(c, object, interface, method, args, NULL, &status);

	if (v)
		g_variant_unref(v);
	return status;
}

/* Object path of a device; NULL after a message. To be freed. */
static char *device(struct ctl *c, const char *name, int *status)
{
	GVariant *v;
	char *path = NULL;

	c->about = name;
	v = manager(c, "FindDevice", g_variant_new("(s)", name), "(o)", status);
	if (!v)
		return NULL;
	g_variant_get(v, "(o)", &path);
	g_variant_unref(v);
	return path;
}

GVariant *ctl_properties(struct ctl *c, const char *object, const char *interface, int *status)
{
	GVariant *all = NULL, *v = ctl_call(c, object, "org.freedesktop.DBus.Properties", "GetAll",
				      g_variant_new("(s)", interface), "(a{sv})", status);

	if (v)
		g_variant_get(v, "(@a{sv})", &all);
	if (v)
		g_variant_unref(v);
	return all;
}

/* --- devices ------------------------------------------------------------------------------- */

static int by_endpoint(gconstpointer a, gconstpointer b)
{
	const char *x, *y;

	g_variant_get_child(*(GVariant *const *)a, 1, "&s", &x);
	g_variant_get_child(*(GVariant *const *)b, 1, "&s", &y);
	return strcmp(x, y);
}

/* As wide as the longest one. */
static int width_of(GPtrArray *rows, gsize column, const char *title)
{
	size_t width = strlen(title);

	for (guint i = 0; i < rows->len; i++) {
		const char *text;

		g_variant_get_child(rows->pdata[i], column, "&s", &text);
		width = MAX(width, strlen(text));
	}
	return (int)width;
}

static void devices_text(GVariant *list)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	int wide, plugin_wide;

	for (gsize i = 0; i < g_variant_n_children(list); i++)
		g_ptr_array_add(rows, g_variant_get_child_value(list, i));
	g_ptr_array_sort(rows, by_endpoint);
	wide = width_of(rows, 1, "ENDPOINT");
	plugin_wide = width_of(rows, 2, "PLUGIN");
	printf("%-*s  %-*s  %-7s  %-10s  %-19s  %s\n", wide, "ENDPOINT", plugin_wide, "PLUGIN",
		"STATE", "REGISTERED", "LAST READING", "NAME");
	for (guint i = 0; i < rows->len; i++) {
		const char *endpoint, *plugin, *name;
		guint32 servers, registered;
		gboolean online;
		gint64 last;
		char *t, *clean;

		g_variant_get(rows->pdata[i], "(&o&s&s&s&sbuux)", NULL, &endpoint, &plugin, NULL,
			&name, &online, &servers, &registered, &last);
		t = print_time(last);
		clean = print_clean(name);
		printf("%-*s  %-*s  %-7s  %3u of %-3u  %-*s%s%s\n", wide, endpoint, plugin_wide,
			plugin, online ? "online" : "offline", registered, servers, *clean ? 19 : 0,
			t, *clean ? "  " : "", clean);
		g_free(t);
		g_free(clean);
	}
	g_ptr_array_unref(rows);
}

static int do_devices(struct ctl *c, int argc, char **argv)
{
	static const char *const names[] = { "object", "endpoint", "plugin", "id", "name", "online",
		"servers", "registered", "last_reading" };
	int r;
	GVariant *v = manager(c, "ListDevices", NULL, "(a(ossssbuux))", &r);

	(void)argc;
	(void)argv;
	if (v)
		show_list(c, v, names, devices_text);
	return r;
}

/* --- show ---------------------------------------------------------------------------------- */

static void show_time(const char *name, GVariant *server, const char *key)
{
	gint64 ms = 0;
	char *t;

	g_variant_lookup(server, key, "x", &ms);
	t = print_time(ms);
	if (ms)
		printf("  %-16s%s\n", name, t);
	g_free(t);
}

static void show_server(GVariant *s)
{
	static const struct {
		const char *title, *key;
	} texts[] = { { "URI", "Uri" }, { "peer", "Peer" }, { "location", "Location" },
		{ "last error", "LastError" } };
	const char *name = "", *state = "", *text;
	gboolean asleep = FALSE;
	guint16 id = 0;
	guint32 observations = 0;
	guint64 notifications = 0, requests = 0;
	gint64 lifetime = 0;

	g_variant_lookup(s, "Name", "&s", &name);
	g_variant_lookup(s, "State", "&s", &state);
	g_variant_lookup(s, "Asleep", "b", &asleep);
	g_variant_lookup(s, "Id", "q", &id);
	g_variant_lookup(s, "Lifetime", "x", &lifetime);
	g_variant_lookup(s, "Observations", "u", &observations);
	g_variant_lookup(s, "Notifications", "t", &notifications);
	g_variant_lookup(s, "Requests", "t", &requests);
	printf("server %u, %s: %s%s\n", id, name, state, asleep ? ", asleep" : "");
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (g_variant_lookup(s, texts[i].key, "&s", &text) && *text)
			printf("  %-16s%s\n", texts[i].title, text);
	printf("  %-16s%" G_GINT64_FORMAT " s\n", "lifetime", lifetime);
	show_time("registered", s, "Registered");
	show_time("last update", s, "LastUpdate");
	show_time("next attempt", s, "Retry");
	printf("  %-16s%u observations, %" G_GUINT64_FORMAT " notifications, %" G_GUINT64_FORMAT
	       " requests\n",
		"traffic", observations, notifications, requests);
}

static void show_text(GVariant *all)
{
	const char *endpoint = "", *plugin = "", *id = "", *name = "";
	GVariant *servers = g_variant_lookup_value(all, "Servers", G_VARIANT_TYPE("aa{sv}"));
	gboolean online = FALSE;
	gint64 last = 0;
	char *t, *clean;

	g_variant_lookup(all, "Endpoint", "&s", &endpoint);
	g_variant_lookup(all, "Plugin", "&s", &plugin);
	g_variant_lookup(all, "Id", "&s", &id);
	g_variant_lookup(all, "Name", "&s", &name);
	g_variant_lookup(all, "Online", "b", &online);
	g_variant_lookup(all, "LastReading", "x", &last);
	t = print_time(last);
	clean = print_clean(name);
	printf("%s, %s\nplugin %s, id \"%s\", name \"%s\"\nlast reading %s\n", endpoint,
		online ? "online" : "offline", plugin, id, clean, t);
	g_free(t);
	g_free(clean);
	for (gsize i = 0; servers && i < g_variant_n_children(servers); i++) {
		GVariant *s = g_variant_get_child_value(servers, i);

		show_server(s);
		g_variant_unref(s);
	}
	if (servers)
		g_variant_unref(servers);
}

static int do_show(struct ctl *c, int argc, char **argv)
{
	int r;
	char *path = device(c, argv[0], &r);
	GVariant *all = path ? ctl_properties(c, path, CTL_DEVICE, &r) : NULL;

	(void)argc;
	g_free(path);
	if (!all)
		return r;
	if (c->json) {
		GString *out = g_string_new(NULL);

		print_json(out, all);
		put_json(out);
	} else {
		show_text(all);
	}
	g_variant_unref(all);
	return r;
}

/* --- read, write, execute, update ---------------------------------------------------------- */

static void read_text(GVariant *list)
{
	const char *path, *name, *unit;
	GVariant *value;
	GVariantIter it;
	gint64 ms;

	g_variant_iter_init(&it, list);
	while (g_variant_iter_next(&it, "(&s&s&svx)", &path, &name, &unit, &value, &ms)) {
		char *s = print_value(value), *t = print_time(ms);

		printf("%-18s %s%s%s  (%s%s%s)\n", path, s, *unit ? " " : "", unit, name,
			ms ? ", " : "", ms ? t : "");
		g_free(s);
		g_free(t);
		g_variant_unref(value);
	}
}

static int do_read(struct ctl *c, int argc, char **argv)
{
	static const char *const names[] = { "path", "name", "unit", "value", "time" };
	int r;
	char *object = device(c, argv[0], &r);
	GVariant *v;

	if (!object)
		return r;
	c->about = argc > 1 ? argv[1] : argv[0];
	v = ctl_call(c, object, CTL_DEVICE, "Read", g_variant_new("(s)", argc > 1 ? argv[1] : "/"),
		"(a(sssvx))", &r);
	g_free(object);
	if (v)
		show_list(c, v, names, read_text);
	return r;
}

static bool is_text(const char *s)
{
	if (g_utf8_validate(s, -1, NULL))
		return true;
	fprintf(stderr, "lwm2mctl: not UTF-8\n");
	return false;
}

static int do_write(struct ctl *c, int argc, char **argv)
{
	int r;
	char *object;

	(void)argc;
	if (!is_text(argv[1]) || !is_text(argv[2]))
		return CTL_USAGE;
	object = device(c, argv[0], &r);
	c->about = argv[1];
	if (object)
		r = just(c, object, CTL_DEVICE, "Write",
			g_variant_new("(sv)", argv[1], g_variant_new_string(argv[2])));
	g_free(object);
	return r;
}

static int do_execute(struct ctl *c, int argc, char **argv)
{
	const char *args = argc > 2 ? argv[2] : "";
	int r;
	char *object;

	if (!is_text(argv[1]) || !is_text(args))
		return CTL_USAGE;
	object = device(c, argv[0], &r);
	c->about = argv[1];
	if (object)
		r = just(c, object, CTL_DEVICE, "Execute", g_variant_new("(ss)", argv[1], args));
	g_free(object);
	return r;
}

static int do_update(struct ctl *c, int argc, char **argv)
{
	uint16_t ssid = 0;
	int r;
	char *object;

	if (argc > 1 && num_parse_u16(argv[1], strlen(argv[1]), &ssid)) {
		fprintf(stderr, "lwm2mctl: SERVER is a Short Server ID, 1 to 65534\n");
		return CTL_USAGE;
	}
	object = device(c, argv[0], &r);
	c->about = argc > 1 ? argv[1] : argv[0];
	if (object)
		r = just(c, object, CTL_DEVICE, "Update", g_variant_new("(q)", ssid));
	g_free(object);
	return r;
}

static int do_forget(struct ctl *c, int argc, char **argv)
{
	int r = CTL_OK;

	for (int k = 0; k < argc && r == CTL_OK; k++) {
		char *object = device(c, argv[k], &r);

		if (object)
			r = just(c, object, CTL_DEVICE, "Forget", NULL);
		g_free(object);
	}
	return r;
}

/* --- monitor ------------------------------------------------------------------------------- */

struct monitor {
	struct ctl *ctl;
	GMainLoop *loop;
	int status;
};

static void value_text(GVariant *one)
{
	const char *endpoint, *path;
	GVariant *value;
	gint64 ms;
	char *s, *t;

	g_variant_get(one, "(&o&s&svx)", NULL, &endpoint, &path, &value, &ms);
	s = print_value(value);
	t = print_time(ms ? ms : g_get_real_time() / 1000);
	printf("%s  %s %s = %s\n", t, endpoint, path, s);
	g_free(s);
	g_free(t);
	g_variant_unref(value);
}

static void on_values(GDBusConnection *bus, const gchar *sender, const gchar *object,
	const gchar *interface, const gchar *signal_, GVariant *args, gpointer ud)
{
	static const char *const names[] = { NULL, "endpoint", "path", "value", "time" };
	struct monitor *m = ud;
	GVariant *list = g_variant_get_child_value(args, 0);

	(void)bus;
	(void)sender;
	(void)object;
	(void)interface;
	(void)signal_;
	for (gsize i = 0; i < g_variant_n_children(list); i++) {
		GVariant *one = g_variant_get_child_value(list, i);

		if (m->ctl->json) {
			GString *out = g_string_new(NULL);

			print_json_struct(out, one, names);
			put_json(out);
		} else {
			value_text(one);
		}
		g_variant_unref(one);
	}
	g_variant_unref(list);
	if (fflush(stdout))
		g_main_loop_quit(m->loop);
}

static void on_gone(GDBusConnection *bus, const gchar *name, gpointer ud)
{
	struct monitor *m = ud;

	(void)bus;
	(void)name;
	fprintf(stderr, "lwm2mctl: lwm2m-gatewayd left the bus\n");
	m->status = CTL_NO_DAEMON;
	g_main_loop_quit(m->loop);
}

static gboolean on_signal(gpointer ud)
{
	g_main_loop_quit(ud);
	return G_SOURCE_REMOVE;
}

/* Endpoint names of the devices that are meant. */
static GVariant *endpoints(struct ctl *c, int n, char **names, int *status)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE("as"));
	for (int i = 0; i < n; i++) {
		char *object = device(c, names[i], status);
		GVariant *all = object ? ctl_properties(c, object, CTL_DEVICE, status) : NULL;
		const char *endpoint = "";

		g_free(object);
		if (!all) {
			g_variant_builder_clear(&b);
			return NULL;
		}
		g_variant_lookup(all, "Endpoint", "&s", &endpoint);
		g_variant_builder_add(&b, "s", endpoint);
		g_variant_unref(all);
	}
	return g_variant_new("(as)", &b);
}

static int do_monitor(struct ctl *c, int argc, char **argv)
{
	struct monitor m = { c, NULL, CTL_OK };
	GVariant *args = endpoints(c, argc, argv, &m.status);
	guint values, gone;

	if (!args)
		return m.status;
	values = g_dbus_connection_signal_subscribe(c->bus, CTL_NAME, CTL_MANAGER, "Values",
		CTL_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_values, &m, NULL);
	m.status = just(c, CTL_PATH, CTL_MANAGER, "Monitor", args);
	if (!m.status) {
		m.loop = g_main_loop_new(NULL, FALSE);
		gone = g_bus_watch_name_on_connection(
			c->bus, CTL_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_gone, &m, NULL);
		g_unix_signal_add(SIGINT, on_signal, m.loop);
		g_unix_signal_add(SIGTERM, on_signal, m.loop);
		g_main_loop_run(m.loop);
		g_bus_unwatch_name(gone);
		g_main_loop_unref(m.loop);
	}
	g_dbus_connection_signal_unsubscribe(c->bus, values);
	return m.status;
}

/* --- log-level, reload --------------------------------------------------------------------- */

static int show_levels(struct ctl *c)
{
	static const char *const names[] = { "default", "modules" };
	const char *dflt, *module, *level;
	GVariantIter *modules;
	int r;
	GVariant *v = manager(c, "GetLogLevels", NULL, "(sa{ss})", &r);

	if (!v)
		return r;
	if (c->json) {
		GString *out = g_string_new(NULL);

		print_json_struct(out, v, names);
		put_json(out);
	} else {
		g_variant_get(v, "(&sa{ss})", &dflt, &modules);
		printf("%-24s%s\n", "default", dflt);
		while (g_variant_iter_next(modules, "{&s&s}", &module, &level))
			printf("%-24s%s\n", module, level);
		g_variant_iter_free(modules);
	}
	g_variant_unref(v);
	return r;
}

static int do_log_level(struct ctl *c, int argc, char **argv)
{
	if (!argc)
		return show_levels(c);
	if (!is_text(argv[0]) || !is_text(argv[argc - 1]))
		return CTL_USAGE;
	return just(c, CTL_PATH, CTL_MANAGER, "SetLogLevel",
		g_variant_new("(ss)", argc > 1 ? argv[0] : "", argv[argc - 1]));
}

static int do_reload(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return just(c, CTL_PATH, CTL_MANAGER, "Reload", NULL);
}

const struct ctl_command ctl_commands[] = {
	{ "status", "", "the gateway, its plugins and counters", 0, 0, ctl_status },
	{ "devices", "", "all devices", 0, 0, do_devices },
	{ "show", "DEVICE", "a device and its servers", 1, 1, do_show },
	{ "read", "DEVICE [PATH]", "values at and below a path", 1, 2, do_read },
	{ "write", "DEVICE PATH VALUE", "one resource", 3, 3, do_write },
	{ "execute", "DEVICE PATH [ARGUMENTS]", "a resource", 2, 3, do_execute },
	{ "update", "DEVICE [SERVER]", "send a registration update", 1, 2, do_update },
	{ "forget", "DEVICE...", "devices that are gone for good", 1, -1, do_forget },
	{ "monitor", "[DEVICE]...", "values as they change", 0, -1, do_monitor },
	{ "modem", "", "the modem: state, messages, data connections", 0, 0, ctl_modem },
	{ "log-level", "[[MODULE] LEVEL]", "show or set log levels", 0, 2, do_log_level },
	{ "store", "status|flush|drop [NAME]", "what waits for servers", 1, 2, ctl_store },
	{ "reload", "", "read the configuration again", 0, 0, do_reload },
	{ NULL, NULL, NULL, 0, 0, NULL },
};
