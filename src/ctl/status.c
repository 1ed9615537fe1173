/* SPDX-License-Identifier: BSD-3-Clause */
/* lwm2mctl status: the daemon, its servers, what plugins tell, alarms, counters. */
#include <stdio.h>
#include "ctl/ctl.h"
#include "ctl/print.h"

static void status_json(GVariant *all, GVariant *status, GVariant *servers)
{
	static const char *const server[] = { "id", "name", "uri", "clients", "registered",
		"endpoint", "last_error" };
	static const char *const part[] = { "plugin", "part", "ok", "text" };
	static const char *const alarm[] = { "time", "name", "text" };
	GString *out = g_string_new("{\"manager\":");
	GVariant *counters, *parts, *alarms;

	g_variant_get(status, "(@a{sx}@a(ssbs)@a(xss))", &counters, &parts, &alarms);
	print_json(out, all);
	g_string_append(out, ",\"counters\":");
	print_json(out, counters);
	g_string_append(out, ",\"parts\":");
	print_json_structs(out, parts, part);
	g_string_append(out, ",\"alarms\":");
	print_json_structs(out, alarms, alarm);
	g_string_append(out, ",\"servers\":");
	print_json_structs(out, servers, server);
	puts(g_string_append_c(out, '}')->str);
	g_string_free(out, TRUE);
	g_variant_unref(counters);
	g_variant_unref(parts);
	g_variant_unref(alarms);
}

static void servers_text(GVariant *servers)
{
	const char *name, *uri, *endpoint, *error;
	guint32 clients, registered;
	GVariantIter it;

	g_variant_iter_init(&it, servers);
	while (g_variant_iter_next(&it, "(q&s&suu&s&s)", NULL, &name, &uri, &clients, &registered,
		&endpoint, &error)) {
		printf("server %s, %s: %u of %u registered", name, uri, registered, clients);
		if (*error)
			printf(", %s: %s", endpoint, error);
		puts(registered < clients ? " (!)" : "");
	}
}

static void status_text(GVariant *all, GVariant *status, GVariant *servers)
{
	const char *version = "?", *a, *b;
	gint64 start = 0, n;
	guint32 devices = 0, registered = 0;
	GVariantIter *counters, *parts, *alarms;
	gboolean ok;
	char *span;

	g_variant_lookup(all, "Version", "&s", &version);
	g_variant_lookup(all, "StartTime", "x", &start);
	g_variant_lookup(all, "Devices", "u", &devices);
	g_variant_lookup(all, "Registered", "u", &registered);
	g_variant_get(status, "(a{sx}a(ssbs)a(xss))", &counters, &parts, &alarms);
	span = print_span(g_get_real_time() / 1000 - start);
	printf("lwm2m-gateway %s, running for %s\n%u device%s, %u registered\n", version, span,
		devices, devices == 1 ? "" : "s", registered);
	g_free(span);
	servers_text(servers);
	while (g_variant_iter_next(parts, "(&s&sb&s)", &a, &b, &ok, &version))
		printf("%s %s: %s%s\n", a, b, version, ok ? "" : " (!)");
	while (g_variant_iter_next(alarms, "(x&s&s)", &n, &a, &b)) {
		char *t = print_time(n);

		printf("alarm %s: %s (%s)\n", t, b, a);
		g_free(t);
	}
	while (g_variant_iter_next(counters, "{&sx}", &a, &n))
		if (n)
			printf("%-32s %" G_GINT64_FORMAT "\n", a, n);
	g_variant_iter_free(counters);
	g_variant_iter_free(parts);
	g_variant_iter_free(alarms);
}

int ctl_status(struct ctl *c, int argc, char **argv)
{
	int r;
	GVariant *status = NULL, *list = NULL, *servers,
		 *all = ctl_properties(c, CTL_PATH, CTL_MANAGER, &r);

	(void)argc;
	(void)argv;
	if (all)
		status = ctl_call(
			c, CTL_PATH, CTL_MANAGER, "GetStatus", NULL, "(a{sx}a(ssbs)a(xss))", &r);
	if (status)
		list = ctl_call(c, CTL_PATH, CTL_MANAGER, "ListServers", NULL, "(a(qssuuss))", &r);
	if (list) {
		servers = g_variant_get_child_value(list, 0);
		(c->json ? status_json : status_text)(all, status, servers);
		if (!c->json)
			r = ctl_store_line(c);
		g_variant_unref(servers);
		g_variant_unref(list);
	}
	if (status)
		g_variant_unref(status);
	if (all)
		g_variant_unref(all);
	return r;
}
