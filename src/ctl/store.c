/* SPDX-License-Identifier: BSD-3-Clause */
/* lwm2mctl store: what waits for servers that cannot be reached. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "ctl/ctl.h"
#include "ctl/print.h"

static guint64 number(GVariant *all, const char *name)
{
	guint64 n = 0;

	g_variant_lookup(all, name, "t", &n);
	return n;
}

static double real(GVariant *all, const char *name)
{
	double d = 0;

	g_variant_lookup(all, name, "d", &d);
	return d;
}

/* "3 d", "25 min", "12 s" */
static const char *duration(char *buf, size_t size, double s)
{
	if (s < 0 || !isfinite(s))
		snprintf(buf, size, "never at this rate");
	else if (s < 120)
		snprintf(buf, size, "%.0f s", s);
	else if (s < 7200)
		snprintf(buf, size, "%.0f min", s / 60);
	else if (s < 172800)
		snprintf(buf, size, "%.0f h", s / 3600);
	else
		snprintf(buf, size, "%.0f d", s / 86400);
	return buf;
}

static void show_oldest(gint64 oldest)
{
	GDateTime *t = g_date_time_new_from_unix_local(oldest / 1000);
	char *text = t ? g_date_time_format(t, "%F %T") : g_strdup("?");

	printf("oldest       %s\n", text);
	g_free(text);
	if (t)
		g_date_time_unref(t);
}

static void show(GVariant *all)
{
	char buf[32];
	gint64 oldest = 0;
	gboolean failing = FALSE, persistent = TRUE;

	g_variant_lookup(all, "Oldest", "x", &oldest);
	g_variant_lookup(all, "Failing", "b", &failing);
	g_variant_lookup(all, "Persistent", "b", &persistent);
	if (!persistent)
		puts("In memory only: nothing of it outlives the daemon.");
	if (failing)
		puts("The disk does not take it: what comes is kept in memory, sources wait.");
	printf("waiting      %" G_GUINT64_FORMAT " readings, %" G_GUINT64_FORMAT " bytes\n",
		number(all, "Records"), number(all, "Bytes"));
	printf("limits       %" G_GUINT64_FORMAT " readings, %" G_GUINT64_FORMAT " bytes\n",
		number(all, "MaxRecords"), number(all, "MaxBytes"));
	if (oldest)
		show_oldest(oldest);
	printf("since start  %" G_GUINT64_FORMAT " kept, %" G_GUINT64_FORMAT
	       " delivered, %" G_GUINT64_FORMAT " dropped\n",
		number(all, "Appended"), number(all, "Delivered"), number(all, "Dropped"));
	printf("rates        %.2f/s in, %.2f/s out (15 min)\n", real(all, "InRate"),
		real(all, "OutRate"));
	printf("full in      %s\n", duration(buf, sizeof(buf), real(all, "TimeToFull")));
	printf("empty in     %s\n", duration(buf, sizeof(buf), real(all, "TimeToDrain")));
}

static int status(struct ctl *c)
{
	int r;
	GVariant *all, *v = ctl_call(c, CTL_PATH, CTL_MANAGER, "GetStore", NULL, "(a{sv})", &r);

	if (!v)
		return r;
	g_variant_get(v, "(@a{sv})", &all);
	if (c->json) {
		GString *out = g_string_new(NULL);

		print_json(out, all);
		puts(out->str);
		g_string_free(out, TRUE);
	} else {
		show(all);
	}
	g_variant_unref(all);
	g_variant_unref(v);
	return CTL_OK;
}

int ctl_store_line(struct ctl *c)
{
	int r;
	gboolean failing = FALSE;
	GVariant *all, *v = ctl_call(c, CTL_PATH, CTL_MANAGER, "GetStore", NULL, "(a{sv})", &r);

	if (!v)
		return r;
	g_variant_get(v, "(@a{sv})", &all);
	g_variant_lookup(all, "Failing", "b", &failing);
	printf("store: %" G_GUINT64_FORMAT " readings wait%s\n", number(all, "Records"),
		failing ? ", the disk takes nothing (!)" : "");
	g_variant_unref(all);
	g_variant_unref(v);
	return CTL_OK;
}

static int drop(struct ctl *c, const char *endpoint)
{
	int r;
	guint64 n;
	GVariant *v;

	if (!g_utf8_validate(endpoint, -1, NULL))
		return CTL_USAGE;
	v = ctl_call(
		c, CTL_PATH, CTL_MANAGER, "DropStore", g_variant_new("(s)", endpoint), "(t)", &r);
	if (!v)
		return r;
	g_variant_get(v, "(t)", &n);
	printf("%" G_GUINT64_FORMAT " readings dropped\n", n);
	g_variant_unref(v);
	return CTL_OK;
}

int ctl_store(struct ctl *c, int argc, char **argv)
{
	int r;
	GVariant *v;

	if (!strcmp(argv[0], "status") && argc == 1)
		return status(c);
	if (!strcmp(argv[0], "drop"))
		return drop(c, argc > 1 ? argv[1] : "");
	if (strcmp(argv[0], "flush") || argc > 1)
		return CTL_USAGE;
	v = ctl_call(c, CTL_PATH, CTL_MANAGER, "FlushStore", NULL, NULL, &r);
	if (v)
		g_variant_unref(v);
	return r;
}
