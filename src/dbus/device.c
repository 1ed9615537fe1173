/* SPDX-License-Identifier: BSD-3-Clause */
/* org.lwm2m.Gateway1.Device: every device out of one subtree, made when it is asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dbus/info.h"
#include "dbus/state.h"
#include "gateway/names.h"
#include "lwm2m/client.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/mem.h"

/* --- object paths -------------------------------------------------------------------------- */

static bool plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char *device_path(const char *endpoint)
{
	GString *s = g_string_new(BUS_DEVICES "/");

	for (; *endpoint; endpoint++)
		if (plain((unsigned char)*endpoint))
			g_string_append_c(s, *endpoint);
		else
			g_string_append_printf(s, "_%02x", (unsigned char)*endpoint);
	return g_string_free(s, FALSE);
}

static struct device *device_by_node(struct bus *b, const char *node)
{
	char endpoint[256];
	size_t n = 0;

	while (*node && n < sizeof(endpoint) - 1) {
		if (*node != '_') {
			endpoint[n++] = *node++;
		} else {
			uint8_t c;

			if (strlen(node) < 3 || hex_decode(&c, 1, node + 1, 2) != 1)
				return NULL;
			endpoint[n++] = (char)c;
			node += 3;
		}
	}
	endpoint[n] = '\0';
	return *node ? NULL : gateway_find(b->gateway, endpoint);
}

struct device *device_at(struct bus *b, const char *path)
{
	const char *node = strrchr(path, '/');

	if (!g_str_has_prefix(path, BUS_DEVICES "/") || !node)
		return NULL;
	return device_by_node(b, node + 1);
}

/* --- properties ---------------------------------------------------------------------------- */

static void add(GVariantBuilder *b, const char *name, GVariant *v)
{
	g_variant_builder_add(b, "{sv}", name, v);
}

GVariant *device_text(const char *s)
{
	return g_variant_new_string(s && g_utf8_validate(s, -1, NULL) ? s : "");
}

static void add_text(GVariantBuilder *b, const char *name, const char *s)
{
	add(b, name, device_text(s));
}

const char *device_error(char buf[64], int error)
{
	if (error > 0)
		snprintf(buf, 64, "%d.%02d", error >> 13, error >> 8 & 31);
	else if (error == LGW_EREFUSED) /* not by an answer: nobody listens there */
		snprintf(buf, 64, "connection refused");
	else
		snprintf(buf, 64, "%s", error ? err_text(error) : "");
	return buf;
}

static GVariant *server(const struct server_info *i)
{
	GVariantBuilder b;
	char error[64];

	g_variant_builder_init(&b, G_VARIANT_TYPE("a{sv}"));
	add_text(&b, "Name", i->name);
	add_text(&b, "Uri", i->uri);
	add_text(&b, "Peer", i->peer);
	add(&b, "Id", g_variant_new_uint16(i->ssid));
	add_text(&b, "State", server_state_text(i->state));
	add(&b, "Asleep", g_variant_new_boolean(i->asleep));
	add_text(&b, "Location", i->location);
	add(&b, "Lifetime", g_variant_new_int64(i->lifetime));
	add(&b, "Registered", g_variant_new_int64(i->registered_wall_ms));
	add(&b, "LastUpdate", g_variant_new_int64(i->last_update_wall_ms));
	add(&b, "Retry", g_variant_new_int64(i->retry_wall_ms));
	add_text(&b, "LastError", device_error(error, i->last_error));
	add(&b, "Observations", g_variant_new_uint32(i->observations));
	add(&b, "Notifications", g_variant_new_uint64(i->notifications));
	add(&b, "Requests", g_variant_new_uint64(i->requests));
	return g_variant_builder_end(&b);
}

static GVariant *servers(struct device *d)
{
	GVariantBuilder b;
	struct server_info i;

	g_variant_builder_init(&b, G_VARIANT_TYPE("aa{sv}"));
	for (size_t k = 0; client_server_info(device_client(d), k, &i); k++)
		g_variant_builder_add(&b, "@a{sv}", server(&i));
	return g_variant_builder_end(&b);
}

void device_servers(struct device *d, unsigned *total, unsigned *registered)
{
	struct server_info i;

	*total = *registered = 0;
	while (client_server_info(device_client(d), *total, &i)) {
		*registered += server_is_registered(i.state);
		++*total;
	}
}

static GVariant *get_endpoint(struct device *d)
{
	return device_text(client_endpoint(device_client(d)));
}
static GVariant *get_plugin(struct device *d)
{
	return device_text(device_source(d));
}
static GVariant *get_id(struct device *d)
{
	return device_text(device_id(d));
}
static GVariant *get_name(struct device *d)
{
	return device_text(device_name(d));
}
static GVariant *get_online(struct device *d)
{
	return g_variant_new_boolean(device_online(d));
}
static GVariant *get_last_reading(struct device *d)
{
	return g_variant_new_int64(device_last_reading(d));
}

static const struct {
	const char *name;
	GVariant *(*get)(struct device *d);
} properties[] = {
	{ "Endpoint", get_endpoint },
	{ "Plugin", get_plugin },
	{ "Id", get_id },
	{ "Name", get_name },
	{ "Online", get_online },
	{ "LastReading", get_last_reading },
	{ "Servers", servers },
};

GVariant *device_properties(struct device *d)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE("a{sv}"));
	for (size_t k = 0; k < ARRAY_SIZE(properties); k++)
		add(&b, properties[k].name, properties[k].get(d));
	return g_variant_builder_end(&b);
}

static GVariant *get_property(GDBusConnection *conn, const gchar *sender, const gchar *path,
	const gchar *iface, const gchar *name, GError **err, gpointer ud)
{
	struct device *d = device_at(ud, path);

	(void)conn;
	(void)sender;
	(void)iface;
	for (size_t k = 0; d && k < ARRAY_SIZE(properties); k++)
		if (!strcmp(properties[k].name, name))
			return properties[k].get(d);
	g_set_error(err, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT, "no such device");
	return NULL;
}

/* --- methods ------------------------------------------------------------------------------- */

/* Objects of keys and addresses: nobody reads keys, nobody writes them over the bus. */
static bool is_secret(const struct path *p)
{
	return p->id[0] == 0 && p->n >= 3 && p->id[2] >= 3 && p->id[2] <= 5;
}

struct reading {
	struct dm *dm;
	GVariantBuilder list;
};

static void name_of(const struct reading *r, const struct path *p, char *buf, size_t size)
{
	const struct objdef *o = dm_object_def(r->dm, p->id[0]);
	const struct resdef *res = o && p->n > 2 ? objdef_res(o, p->id[2]) : NULL;
	int n = snprintf(buf, size, "%s/%u", o ? o->name : "", p->id[1]);

	if (res && n > 0 && (size_t)n < size)
		n += snprintf(buf + n, size - (size_t)n, "/%s", res->name);
	if (p->n > 3 && n > 0 && (size_t)n < size)
		snprintf(buf + n, size - (size_t)n, "/%u", p->id[3]);
}

#define SENSOR_UNITS 5701 /* of IPSO objects: of the value, and of its least and greatest */

/* By the definition, or what the instance itself says. */
static GVariant *unit_of(const struct reading *r, const struct path *p, const struct resdef *res)
{
	struct value v;

	if (res && res->units && *res->units)
		return g_variant_new_string(res->units);
	if (p->n != 3 || !(p->id[2] == 5700 || (p->id[2] >= 5601 && p->id[2] <= 5604)) ||
		dm_get(r->dm, &PATH_RES(p->id[0], p->id[1], SENSOR_UNITS), &v, NULL) ||
		v.type != VT_STRING)
		return g_variant_new_string("");
	return device_text((const char *)v.u.s.p);
}

static int take_record(void *ud, const struct record *rec)
{
	struct reading *r = ud;
	const struct objdef *o = dm_object_def(r->dm, rec->path.id[0]);
	const struct resdef *res = o && rec->path.n > 2 ? objdef_res(o, rec->path.id[2]) : NULL;
	char path[PATH_TEXT_MAX], name[256];

	if (rec->value.type == VT_NONE || is_secret(&rec->path))
		return LGW_OK;
	name_of(r, &rec->path, name, sizeof(name));
	g_variant_builder_add(&r->list, "(ss@svx)", path_text(path, &rec->path), name,
		unit_of(r, &rec->path, res), variant_of(&rec->value), rec->time_ms);
	return LGW_OK;
}

/* A path in numbers or words; answers with the error itself. */
static bool path_of(struct bus *b, GDBusMethodInvocation *inv, const char *text, struct path *p)
{
	if (!names_path(gateway_defs(b->gateway), text, p))
		return true;
	methods_fail(inv, LGW_EINVAL, "not a path");
	return false;
}

static int read_all(struct reading *r, const struct path *p)
{
	int32_t it = -1;
	int err = LGW_OK;

	if (p->n)
		return dm_read(r->dm, 0, p, take_record, r);
	while (!err && dm_next(r->dm, p, &it))
		err = dm_read(r->dm, 0, &PATH_OBJ(it), take_record, r);
	return err;
}

static void do_read(struct bus *b, struct device *d, GVariant *args, GDBusMethodInvocation *inv)
{
	struct reading r = { .dm = client_dm(device_client(d)) };
	const char *text;
	struct path p;
	int err;

	g_variant_get(args, "(&s)", &text);
	if (!path_of(b, inv, text, &p))
		return;
	if (is_secret(&p)) {
		methods_fail(inv, LGW_EACCES, NULL);
		return;
	}
	g_variant_builder_init(&r.list, G_VARIANT_TYPE("a(sssvx)"));
	err = read_all(&r, &p);
	if (err) {
		g_variant_builder_clear(&r.list);
		methods_fail(inv, err, NULL);
		return;
	}
	g_dbus_method_invocation_return_value(inv, g_variant_new("(a(sssvx))", &r.list));
}

static void ended(void *ud, int status)
{
	GDBusMethodInvocation *inv = ud;

	if (status)
		methods_fail(inv, status,
			status == LGW_EOP ? "its definition, or the map of the device, does not "
					    "allow this"
					  : NULL);
	else
		g_dbus_method_invocation_return_value(inv, NULL);
}

/* A text for a boolean may be a word, as it is shown; text/plain of LwM2M has only 0 and 1. */
static void take_word(struct device *d, const struct path *p, GVariant *text, struct value *v)
{
	const struct objdef *o =
		p->n > 2 ? dm_object_def(client_dm(device_client(d)), p->id[0]) : NULL;
	const struct resdef *res = o ? objdef_res(o, p->id[2]) : NULL;
	const char *word = v->type == VT_RAW_TEXT ? g_variant_get_string(text, NULL) : "";

	if (res && res->type == VT_BOOL && (!strcmp(word, "true") || !strcmp(word, "false")))
		*v = VALUE_BOOL(*word == 't');
}

static void do_write(struct bus *b, struct device *d, GVariant *args, GDBusMethodInvocation *inv)
{
	GVariant *v = NULL;
	const char *text;
	struct value value;
	struct path p;
	int r;

	g_variant_get(args, "(&sv)", &text, &v);
	if (path_of(b, inv, text, &p)) {
		r = p.n && p.id[0] == 0 ? LGW_EACCES : variant_value(v, &value);
		if (!r)
			take_word(d, &p, v, &value);
		if (!r)
			r = device_write(d, &p, &value, ended, inv);
		if (r <= 0)
			ended(inv, r);
	}
	g_variant_unref(v);
}

static void do_execute(struct bus *b, struct device *d, GVariant *args, GDBusMethodInvocation *inv)
{
	const char *text, *arguments;
	struct path p;
	int r;

	g_variant_get(args, "(&s&s)", &text, &arguments);
	if (!path_of(b, inv, text, &p))
		return;
	r = device_execute(d, &p, arguments, ended, inv);
	if (r <= 0)
		ended(inv, r);
}

static void do_update(struct bus *b, struct device *d, GVariant *args, GDBusMethodInvocation *inv)
{
	guint16 ssid;

	(void)b;
	g_variant_get(args, "(q)", &ssid);
	ended(inv, client_update(device_client(d), ssid));
}

static void do_forget(struct bus *b, struct device *d, GVariant *args, GDBusMethodInvocation *inv)
{
	(void)b;
	(void)args;
	ended(inv, device_forget(d));
}

const struct bus_method device_methods[] = {
	{ "Read", false, do_read },
	{ "Write", true, do_write },
	{ "Execute", true, do_execute },
	{ "Update", true, do_update },
	{ "Forget", true, do_forget },
	{ NULL, false, NULL },
};

/* --- the subtree --------------------------------------------------------------------------- */

static const GDBusInterfaceVTable vtable = { .method_call = methods_call,
	.get_property = get_property };

/* Devices are listed by the ObjectManager; introspection of ten thousand names helps nobody. */
static gchar **enumerate(GDBusConnection *conn, const gchar *sender, const gchar *path, gpointer ud)
{
	(void)conn;
	(void)sender;
	(void)path;
	(void)ud;
	return g_new0(gchar *, 1);
}

static GDBusInterfaceInfo **introspect(GDBusConnection *conn, const gchar *sender,
	const gchar *path, const gchar *node, gpointer ud)
{
	GDBusInterfaceInfo **infos;

	(void)conn;
	(void)sender;
	(void)path;
	if (!node || !device_by_node(ud, node))
		return NULL;
	infos = g_new0(GDBusInterfaceInfo *, 2);
	infos[0] = g_dbus_interface_info_ref(
		(GDBusInterfaceInfo *)(uintptr_t)&org_lwm2m_gateway1_device_interface);
	return infos;
}

static const GDBusInterfaceVTable *dispatch(GDBusConnection *conn, const gchar *sender,
	const gchar *path, const gchar *iface, const gchar *node, gpointer *out_ud, gpointer ud)
{
	(void)conn;
	(void)sender;
	(void)path;
	(void)iface;
	if (!node)
		return NULL;
	*out_ud = ud;
	return &vtable;
}

const GDBusSubtreeVTable device_subtree = {
	.enumerate = enumerate,
	.introspect = introspect,
	.dispatch = dispatch,
};
