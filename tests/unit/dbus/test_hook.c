/* SPDX-License-Identifier: BSD-3-Clause */
/* Hooks by the manager of the system: a private bus, and a manager that does what the test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <gio/gio.h>
#include "dbus/hook.h"
#include "gateway/keep.h"
#include "gateway/parcel.h"
#include "loop/glib.h"
#include "until.h"
#include "util/err.h"
#include "util/mem.h"

#define UNIT "lwm2m-gateway-hook@5-a\\x20b.service"

static const char xml[] =
	"<node><interface name='org.freedesktop.systemd1.Manager'><method name='Subscribe'/>"
	"<method name='StartUnit'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
	"<arg type='o' direction='out'/></method>"
	"<method name='RestartUnit'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
	"<arg type='o' direction='out'/></method>"
	"<method name='StopUnit'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
	"<arg type='o' direction='out'/></method>"
	"<method name='LoadUnit'><arg type='s' direction='in'/><arg type='o' direction='out'/>"
	"</method></interface><interface name='org.freedesktop.systemd1.Service'>"
	"<property name='ExecMainStatus' type='i' access='read'/></interface></node>";

struct stage {
	GTestDBus *bus;
	GDBusConnection *manager;
	GDBusNodeInfo *info;
	guint objects[2]; /* of the manager */
	struct loop *loop;
	struct loop_glib *glib;
	struct hook_systemd *hooks;
	char dir[64], requests[80], output[80];
	/* the manager */
	const char *result; /* of the job; NULL: it never ends */
	int exit;
	bool refuse;
	char calls[128];
	unsigned jobs;
	/* the end */
	unsigned done;
	int status;
	char said[64];
};

static void removed(struct stage *st, unsigned job, const char *result)
{
	char path[64];

	snprintf(path, sizeof(path), "/org/freedesktop/systemd1/job/%u", job);
	g_dbus_connection_emit_signal(st->manager, NULL, "/org/freedesktop/systemd1",
		"org.freedesktop.systemd1.Manager", "JobRemoved",
		g_variant_new("(uoss)", job, path, UNIT, result), NULL);
}

static void on_call(GDBusConnection *conn, const gchar *sender, const gchar *path,
	const gchar *interface, const gchar *method, GVariant *args, GDBusMethodInvocation *call,
	gpointer ud)
{
	struct stage *st = ud;
	size_t n = strlen(st->calls);
	const char *unit = "";
	char job[64];

	(void)conn, (void)sender, (void)path, (void)interface;
	snprintf(st->calls + n, sizeof(st->calls) - n, "%s ", method);
	if (g_variant_n_children(args))
		g_variant_get_child(args, 0, "&s", &unit);
	if (*unit)
		assert_string_equal(unit, UNIT);
	if (!strcmp(method, "Subscribe")) {
		g_dbus_method_invocation_return_value(call, NULL);
	} else if (!strcmp(method, "LoadUnit")) {
		g_dbus_method_invocation_return_value(
			call, g_variant_new("(o)", "/org/freedesktop/systemd1/unit/hook"));
	} else if (st->refuse) {
		g_dbus_method_invocation_return_dbus_error(
			call, "org.freedesktop.DBus.Error.AccessDenied", "polkit says no");
	} else {
		snprintf(job, sizeof(job), "/org/freedesktop/systemd1/job/%u", ++st->jobs);
		g_dbus_method_invocation_return_value(call, g_variant_new("(o)", job));
		if (st->result && strcmp(method, "StopUnit")) {
			removed(st, st->jobs + 100, "failed"); /* of somebody else */
			removed(st, st->jobs, st->result);
		}
	}
}

static GVariant *on_get(GDBusConnection *conn, const gchar *sender, const gchar *path,
	const gchar *interface, const gchar *property, GError **err, gpointer ud)
{
	(void)conn, (void)sender, (void)path, (void)interface, (void)property, (void)err;
	return g_variant_new_int32(((struct stage *)ud)->exit);
}

static int set_up(void **state)
{
	static const GDBusInterfaceVTable vtable = { .method_call = on_call,
		.get_property = on_get };
	static const char *const paths[] = { "/org/freedesktop/systemd1",
		"/org/freedesktop/systemd1/unit/hook" };
	struct stage *st = xcalloc(1, sizeof(*st));

	st->bus = g_test_dbus_new(G_TEST_DBUS_NONE);
	g_test_dbus_up(st->bus);
	st->manager = g_dbus_connection_new_for_address_sync(g_test_dbus_get_bus_address(st->bus),
		G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
			G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
		NULL, NULL, NULL);
	assert_non_null(st->manager);
	st->info = g_dbus_node_info_new_for_xml(xml, NULL);
	for (int k = 0; k < 2; k++) {
		st->objects[k] = g_dbus_connection_register_object(
			st->manager, paths[k], st->info->interfaces[k], &vtable, st, NULL, NULL);
		assert_true(st->objects[k]);
	}
	g_variant_unref(g_dbus_connection_call_sync(st->manager, "org.freedesktop.DBus",
		"/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
		g_variant_new("(su)", "org.freedesktop.systemd1", 0), NULL, G_DBUS_CALL_FLAGS_NONE,
		-1, NULL, NULL));
	snprintf(st->dir, sizeof(st->dir), "/tmp/test_hook.XXXXXX");
	assert_non_null(mkdtemp(st->dir));
	snprintf(st->requests, sizeof(st->requests), "%s/requests", st->dir);
	snprintf(st->output, sizeof(st->output), "%s/output", st->dir);
	st->loop = loop_new();
	st->glib = loop_glib_new(st->loop);
	st->hooks = hook_systemd_new(
		st->loop, g_test_dbus_get_bus_address(st->bus), st->requests, st->output);
	*state = st;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *st = *state;
	static const char *const names[] = { "requests/5-a\\x20b", "requests", "output/5-a\\x20b",
		"output" };
	char path[128];

	hook_systemd_free(st->hooks);
	for (int k = 0; k < 2; k++) /* a call that is on its way finds nobody */
		g_dbus_connection_unregister_object(st->manager, st->objects[k]);
	for (int k = 0; k < 5; k++)
		loop_turn(st->loop, 10);
	loop_glib_free(st->glib);
	loop_free(st->loop);
	g_dbus_connection_close_sync(st->manager, NULL, NULL);
	g_object_unref(st->manager);
	g_dbus_node_info_unref(st->info);
	g_test_dbus_stop(st->bus);
	g_object_unref(st->bus);
	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		snprintf(path, sizeof(path), "%s/%s", st->dir, names[k]);
		remove(path);
	}
	assert_int_equal(rmdir(st->dir), 0);
	free(st);
	return 0;
}

static void on_done(void *ud, int status, const char *output)
{
	struct stage *st = ud;

	st->done++;
	st->status = status;
	snprintf(st->said, sizeof(st->said), "%s", output);
}

static struct hook_job *begin(struct stage *st, const char *verb, int64_t timeout_ms)
{
	struct hook_request r = {
		.program = "update", .verb = verb, .job = "5-a%20b", .timeout_ms = timeout_ms
	};
	struct hook_job *j;

	parcel_var(&r, "LGW_VERB", verb);
	parcel_var(&r, "LGW_NAME", "a=b\nHOOK=other");
	memset(st->calls, 0, sizeof(st->calls));
	st->done = 0;
	j = hook_ops_systemd.run(st->hooks, &r, on_done, st);
	for (size_t k = 0; k < r.nvars; k++)
		free(r.vars[k]);
	assert_int_equal(st->done, 0);
	return j;
}

static int run(struct stage *st, const char *verb, int64_t timeout_ms)
{
	begin(st, verb, timeout_ms);
	UNTIL(st->loop, st->done);
	return st->status;
}

static void units(void **state)
{
	struct stage *st = *state;
	char text[256];
	int n;

	assert_int_equal(keep_dir(st->output), 0);
	assert_int_equal(keep_write(st->output, "5-a\\x20b", "version=2\n", 10), 0);
	st->result = "done";
	assert_int_equal(run(st, "install", PATIENCE_MS), 0);
	assert_string_equal(st->said, "version=2\n");
	assert_string_equal(st->calls, "Subscribe RestartUnit ");
	n = keep_read(st->requests, "5-a\\x20b", text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, "HOOK=update\nLGW_VERB=install\nLGW_NAME=a=b?HOOK=other\n");
	/* What still runs is waited for. */
	assert_int_equal(run(st, "resume", PATIENCE_MS), 0);
	assert_string_equal(st->calls, "StartUnit ");
	st->result = "failed";
	st->exit = 6;
	assert_int_equal(run(st, "check", PATIENCE_MS), 6);
	assert_string_equal(st->calls, "RestartUnit LoadUnit ");
	st->exit = 0;
	assert_int_equal(run(st, "check", PATIENCE_MS), LGW_EIO);
	st->result = "timeout";
	assert_int_equal(run(st, "check", PATIENCE_MS), LGW_ETIMEDOUT);
	st->result = "canceled";
	assert_int_equal(run(st, "check", PATIENCE_MS), LGW_ECANCELED);
	st->refuse = true;
	assert_int_equal(run(st, "check", PATIENCE_MS), LGW_EUNAVAIL);
}

static void too_long(void **state)
{
	struct stage *st = *state;

	st->result = "done";
	assert_int_equal(run(st, "check", PATIENCE_MS), 0); /* connected */
	st->result = NULL;
	assert_int_equal(run(st, "check", 300), LGW_ETIMEDOUT);
	UNTIL(st->loop, strstr(st->calls, "StopUnit"));
	assert_string_equal(st->calls, "RestartUnit StopUnit ");
}

static void some_turns(struct stage *st)
{
	for (int k = 0; k < 10; k++)
		loop_turn(st->loop, 20);
}

static void forgotten(void **state)
{
	struct stage *st = *state;

	st->result = "done";
	hook_ops_systemd.forget(begin(st, "check", PATIENCE_MS)); /* it connects: but once */
	assert_int_equal(run(st, "check", PATIENCE_MS), 0);
	some_turns(st);
	assert_string_equal(st->calls, "Subscribe RestartUnit ");
	hook_ops_systemd.forget(begin(st, "check", PATIENCE_MS));
	hook_ops_systemd.forget(NULL);
	some_turns(st);
	assert_int_equal(st->done, 0);
	assert_int_equal(run(st, "check", PATIENCE_MS), 0);
	begin(st, "check", PATIENCE_MS); /* freed with all */
}

/* One that cannot be run is in nobody else's way. */
static void refused(void **state)
{
	const struct hook_request bad = { .program = "../up", .verb = "check", .job = "6" };
	struct stage *st = *state;

	st->result = "done";
	hook_ops_systemd.run(st->hooks, &bad, NULL, NULL);
	assert_int_equal(run(st, "check", PATIENCE_MS), 0);
}

static void no_bus(void **state)
{
	struct stage *st = *state;

	hook_systemd_free(st->hooks);
	st->hooks =
		hook_systemd_new(st->loop, "unix:path=/nonexistent/bus", st->requests, st->output);
	assert_int_equal(run(st, "check", PATIENCE_MS), LGW_EUNAVAIL);
	assert_int_equal(run(st, "check", PATIENCE_MS), LGW_EUNAVAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(units, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_long, set_up, tear_down),
		cmocka_unit_test_setup_teardown(forgotten, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_bus, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
