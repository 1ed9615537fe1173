/* SPDX-License-Identifier: BSD-3-Clause */
/* Method calls by table, the rights of callers, errors by name. */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "dbus/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("dbus");

#define GROUPS_MAX 256

void methods_fail(GDBusMethodInvocation *inv, int status, const char *text)
{
	static const struct {
		int status;
		const char *name;
	} names[] = {
		{ LGW_EINVAL, "InvalidArgument" },
		{ LGW_EFORMAT, "InvalidArgument" },
		{ LGW_EACCES, "AccessDenied" },
		{ LGW_ENOENT, "NotFound" },
		{ LGW_EEXIST, "Exists" },
		{ LGW_EOP, "NotSupported" },
		{ LGW_ENOTSUP, "NotSupported" },
		{ LGW_ETOOBIG, "TooBig" },
		{ LGW_ETIMEDOUT, "TimedOut" },
		{ LGW_EREFUSED, "Refused" },
		{ LGW_EUNAVAIL, "Unavailable" },
		{ LGW_ECANCELED, "Canceled" },
	};
	const char *name = "Failed";
	char full[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].status == status)
			name = names[i].name;
	g_snprintf(full, sizeof(full), "org.lwm2m.Gateway1.Error.%s", name);
	g_dbus_method_invocation_return_dbus_error(inv, full, text ? text : err_text(status));
}

static const struct bus_method *find(const struct bus_method *table, const char *name)
{
	while (table->name && strcmp(table->name, name))
		table++;
	return table;
}

/* The device is looked for anew: it may have gone while rights were asked for. */
static void run(struct bus *b, const struct bus_method *m, GDBusMethodInvocation *inv)
{
	const char *path = g_dbus_method_invocation_get_object_path(inv);
	struct device *d = device_at(b, path);

	if (!d && strcmp(path, BUS_PATH))
		methods_fail(inv, LGW_ENOENT, "no such device");
	else
		m->fn(b, d, g_dbus_method_invocation_get_parameters(inv), inv);
}

/* --- rights -------------------------------------------------------------------------------- */

static bool in_list(GVariant *groups, gid_t wanted)
{
	gsize n;
	const guint32 *gids = g_variant_get_fixed_array(groups, &n, sizeof(*gids));

	for (gsize i = 0; i < n; i++)
		if (gids[i] == wanted)
			return true;
	return false;
}

/* For a bus that does not tell the groups of a caller. */
static bool in_database(uid_t uid, gid_t wanted)
{
	gid_t gids[GROUPS_MAX];
	int n = GROUPS_MAX;
	struct passwd *pw = getpwuid(uid);

	if (!pw)
		return false;
	if (getgrouplist(pw->pw_name, pw->pw_gid, gids, &n) < 0)
		n = GROUPS_MAX;
	for (int i = 0; i < n; i++)
		if (gids[i] == wanted)
			return true;
	return false;
}

static bool in_group(const struct bus *b, GVariant *credentials, uid_t uid)
{
	const struct group *gr = b->group && *b->group ? getgrnam(b->group) : NULL;
	GVariant *groups;
	bool yes;

	if (!gr)
		return false;
	groups = g_variant_lookup_value(credentials, "UnixGroupIDs", G_VARIANT_TYPE("au"));
	if (!groups)
		return in_database(uid, gr->gr_gid);
	yes = in_list(groups, gr->gr_gid);
	g_variant_unref(groups);
	return yes;
}

static bool allowed(const struct bus *b, GVariant *credentials, guint32 *uid)
{
	if (!g_variant_lookup(credentials, "UnixUserID", "u", uid))
		return false;
	return *uid == 0 || *uid == geteuid() || in_group(b, credentials, *uid);
}

struct question {
	struct bus *bus;
	const struct bus_method *method;
	GDBusMethodInvocation *inv;
};

static void answered(GObject *source, GAsyncResult *res, gpointer ud)
{
	struct question *q = ud;
	GError *err = NULL;
	GVariant *reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), res, &err);
	GVariant *credentials = NULL;
	guint32 uid = UINT32_MAX;

	if (!reply) {
		methods_fail(q->inv, LGW_EACCES, "who calls is not known");
		g_error_free(err);
		free(q);
		return;
	}
	g_variant_get(reply, "(@a{sv})", &credentials);
	if (allowed(q->bus, credentials, &uid)) {
		run(q->bus, q->method, q->inv);
	} else {
		log_warning(
			&(struct log_ctx){ .peer = g_dbus_method_invocation_get_sender(q->inv) },
			"%s refused to user %u", q->method->name, uid);
		methods_fail(q->inv, LGW_EACCES, "only for root and the group of the gateway");
	}
	g_variant_unref(credentials);
	g_variant_unref(reply);
	free(q);
}

static void ask(struct bus *b, const struct bus_method *m, GDBusMethodInvocation *inv)
{
	struct question *q = xcalloc(1, sizeof(*q));

	*q = (struct question){ b, m, inv };
	g_dbus_connection_call(b->conn, "org.freedesktop.DBus", "/org/freedesktop/DBus",
		"org.freedesktop.DBus", "GetConnectionCredentials",
		g_variant_new("(s)", g_dbus_method_invocation_get_sender(inv)),
		G_VARIANT_TYPE("(a{sv})"), G_DBUS_CALL_FLAGS_NONE, -1, b->cancel, answered, q);
}

static const struct bus_method *table_of(const char *iface)
{
	if (!strcmp(iface, BUS_NAME ".Device"))
		return device_methods;
	return strcmp(iface, BUS_NAME ".Manager") ? objman_methods : manager_methods;
}

void methods_call(GDBusConnection *conn, const gchar *sender, const gchar *path, const gchar *iface,
	const gchar *method, GVariant *args, GDBusMethodInvocation *inv, gpointer ud)
{
	const struct bus_method *m = find(table_of(iface), method);

	(void)conn;
	(void)sender;
	(void)path;
	(void)args;
	if (!m->name)
		methods_fail(inv, LGW_EOP, NULL);
	else if (m->privileged)
		ask(ud, m, inv);
	else
		run(ud, m, inv);
}
