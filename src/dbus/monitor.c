/* SPDX-License-Identifier: BSD-3-Clause */
/* Values for those who asked. Nobody asked: one comparison per value. */
#include <stdlib.h>
#include <string.h>
#include "dbus/state.h"
#include "lwm2m/client.h"
#include "util/err.h"
#include "util/mem.h"

#define MONITORS_MAX 32
#define GATHER_MS    250
#define VALUES_MAX   4096 /* then they are sent at once */

struct monitor {
	struct bus *bus;
	char *sender;
	guint watch;
	GHashTable *endpoints; /* NULL: all */
};

/* One value that waits to be told. */
struct pending {
	char *endpoint;
	GVariant *value;
	int64_t time_ms;
	char path[PATH_TEXT_MAX];
};

static void monitor_free(gpointer p)
{
	struct monitor *m = p;

	g_bus_unwatch_name(m->watch);
	if (m->endpoints)
		g_hash_table_unref(m->endpoints);
	free(m->sender);
	free(m);
}

static void pending_free(gpointer p)
{
	struct pending *v = p;

	g_variant_unref(v->value);
	free(v->endpoint);
	free(v);
}

static void vanished(GDBusConnection *conn, const gchar *name, gpointer ud)
{
	struct monitor *m = ud;

	(void)conn;
	monitor_remove(m->bus, name);
}

int monitor_add(struct bus *b, const char *sender, GVariant *endpoints)
{
	struct monitor *m;
	GVariantIter it;
	const char *s;

	monitor_remove(b, sender);
	if (g_hash_table_size(b->monitors) >= MONITORS_MAX)
		return LGW_ENOMEM;
	m = xcalloc(1, sizeof(*m));
	m->bus = b;
	m->sender = xstrdup(sender);
	if (g_variant_n_children(endpoints)) {
		m->endpoints = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		g_variant_iter_init(&it, endpoints);
		while (g_variant_iter_next(&it, "&s", &s))
			g_hash_table_add(m->endpoints, g_strdup(s));
	}
	m->watch = g_bus_watch_name_on_connection(
		b->conn, sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, vanished, m, NULL);
	g_hash_table_insert(b->monitors, m->sender, m);
	return LGW_OK;
}

void monitor_remove(struct bus *b, const char *sender)
{
	g_hash_table_remove(b->monitors, sender);
	if (!g_hash_table_size(b->monitors))
		g_hash_table_remove_all(b->values);
}

static void tell(struct bus *b, const struct monitor *m)
{
	GVariantBuilder list;
	GHashTableIter it;
	gpointer item;
	bool any = false;

	g_variant_builder_init(&list, G_VARIANT_TYPE("a(ossvx)"));
	g_hash_table_iter_init(&it, b->values);
	while (g_hash_table_iter_next(&it, NULL, &item)) {
		struct pending *v = item;
		char *object;

		if (m->endpoints && !g_hash_table_contains(m->endpoints, v->endpoint))
			continue;
		object = device_path(v->endpoint);
		g_variant_builder_add(
			&list, "(ossvx)", object, v->endpoint, v->path, v->value, v->time_ms);
		free(object);
		any = true;
	}
	if (any)
		g_dbus_connection_emit_signal(b->conn, m->sender, BUS_PATH, BUS_NAME ".Manager",
			"Values", g_variant_new("(a(ossvx))", &list), NULL);
	else
		g_variant_builder_clear(&list);
}

static void flush(struct timer *t, void *ud)
{
	struct bus *b = ud;
	GHashTableIter it;
	gpointer m;

	(void)t;
	g_hash_table_iter_init(&it, b->monitors);
	while (b->conn && g_hash_table_iter_next(&it, NULL, &m))
		tell(b, m);
	g_hash_table_remove_all(b->values);
}

void monitor_value(struct bus *b, struct device *d, const struct path *p, const struct value *v,
	int64_t time_ms)
{
	const char *endpoint = client_endpoint(device_client(d));
	struct pending *pending;

	if (!g_hash_table_size(b->monitors))
		return;
	pending = xcalloc(1, sizeof(*pending));
	path_text(pending->path, p);
	pending->endpoint = xstrdup(endpoint);
	pending->value = g_variant_ref_sink(variant_of(v));
	pending->time_ms = time_ms;
	g_hash_table_replace(b->values, g_strconcat(endpoint, " ", pending->path, NULL), pending);
	if (g_hash_table_size(b->values) >= VALUES_MAX)
		flush(&b->values_timer, b);
	else if (!timer_armed(&b->values_timer))
		timer_set(bus_timers(b), &b->values_timer, timers_now(bus_timers(b)) + GATHER_MS);
}

void monitor_init(struct bus *b)
{
	b->monitors = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, monitor_free);
	b->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, pending_free);
	timer_init(&b->values_timer, flush, b);
}

void monitor_fini(struct bus *b)
{
	timer_del(bus_timers(b), &b->values_timer);
	g_hash_table_unref(b->monitors);
	g_hash_table_unref(b->values);
}
