/* SPDX-License-Identifier: BSD-3-Clause */
/* lwm2mctl modem: what the plugin modem tells of itself. */
#include <stdio.h>
#include <string.h>
#include "ctl/ctl.h"
#include "ctl/print.h"

#define PREFIX "plugin.modem."

static GVariant *own_parts(GVariantIter *parts, guint *n)
{
	GVariantBuilder own;
	const char *plugin, *part, *text;
	gboolean ok;

	g_variant_builder_init(&own, G_VARIANT_TYPE("a(sbs)"));
	for (*n = 0; g_variant_iter_next(parts, "(&s&sb&s)", &plugin, &part, &ok, &text);)
		if (!strcmp(plugin, "modem")) {
			g_variant_builder_add(&own, "(sbs)", part, ok, text);
			(*n)++;
		}
	return g_variant_ref_sink(g_variant_builder_end(&own));
}

static GVariant *own_counters(GVariantIter *counters)
{
	GVariantBuilder own;
	const char *name;
	gint64 n;

	g_variant_builder_init(&own, G_VARIANT_TYPE("a{sx}"));
	while (g_variant_iter_next(counters, "{&sx}", &name, &n))
		if (g_str_has_prefix(name, PREFIX))
			g_variant_builder_add(&own, "{sx}", name + strlen(PREFIX), n);
	return g_variant_ref_sink(g_variant_builder_end(&own));
}

static void show_json(GVariant *parts, GVariant *counters)
{
	static const char *const part[] = { "part", "ok", "text" };
	GString *out = g_string_new("{\"parts\":");

	print_json_structs(out, parts, part);
	g_string_append(out, ",\"counters\":");
	print_json(out, counters);
	puts(g_string_append_c(out, '}')->str);
	g_string_free(out, TRUE);
}

static void show_text(GVariant *parts, GVariant *counters)
{
	GVariantIter it;
	const char *name, *text;
	gboolean ok;
	gint64 n;

	g_variant_iter_init(&it, parts);
	while (g_variant_iter_next(&it, "(&sb&s)", &name, &ok, &text))
		printf("%-16s %s%s\n", name, text, ok ? "" : " (!)");
	g_variant_iter_init(&it, counters);
	while (g_variant_iter_next(&it, "{&sx}", &name, &n))
		printf("%-16s %" G_GINT64_FORMAT "\n", name, n);
}

int ctl_modem(struct ctl *c, int argc, char **argv)
{
	GVariantIter *counters, *parts, *alarms;
	GVariant *own, *counts, *status;
	guint n;
	int r;

	(void)argc;
	(void)argv;
	status = ctl_call(c, CTL_PATH, CTL_MANAGER, "GetStatus", NULL, "(a{sx}a(ssbs)a(xss))", &r);
	if (!status)
		return r;
	g_variant_get(status, "(a{sx}a(ssbs)a(xss))", &counters, &parts, &alarms);
	own = own_parts(parts, &n);
	counts = own_counters(counters);
	if (n)
		(c->json ? show_json : show_text)(own, counts);
	else
		fprintf(stderr, "lwm2mctl: the plugin modem is not configured\n");
	g_variant_unref(own);
	g_variant_unref(counts);
	g_variant_iter_free(counters);
	g_variant_iter_free(parts);
	g_variant_iter_free(alarms);
	g_variant_unref(status);
	return n ? CTL_OK : CTL_FAILED;
}
