/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/print.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "util/num.h"

static void json_text(GString *out, const char *s)
{
	g_string_append_c(out, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			g_string_append_printf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			g_string_append_printf(out, "\\u%04x", c);
		else
			g_string_append_c(out, (char)c);
	}
	g_string_append_c(out, '"');
}

static void number(GString *out, double v, const char *none)
{
	char buf[NUM_DOUBLE_MAX];

	if (!isfinite(v))
		g_string_append(out, none);
	else
		g_string_append_len(out, buf, (gssize)num_format_double(buf, v));
}

static void json_bytes(GString *out, GVariant *v)
{
	gsize n;
	const guchar *p = g_variant_get_fixed_array(v, &n, 1);
	char *s = g_base64_encode(p, n);

	json_text(out, s);
	g_free(s);
}

static void json_children(GString *out, GVariant *v, bool object)
{
	gsize n = g_variant_n_children(v);

	g_string_append_c(out, object ? '{' : '[');
	for (gsize i = 0; i < n; i++) {
		GVariant *child = g_variant_get_child_value(v, i);

		if (i)
			g_string_append_c(out, ',');
		print_json(out, child);
		g_variant_unref(child);
	}
	g_string_append_c(out, object ? '}' : ']');
}

static void json_entry(GString *out, GVariant *v)
{
	GVariant *key = g_variant_get_child_value(v, 0), *value = g_variant_get_child_value(v, 1);

	print_json(out, key);
	g_string_append_c(out, ':');
	print_json(out, value);
	g_variant_unref(key);
	g_variant_unref(value);
}

static void json_inner(GString *out, GVariant *v)
{
	GVariant *inner = g_variant_get_variant(v);

	print_json(out, inner);
	g_variant_unref(inner);
}

void print_json(GString *out, GVariant *v)
{
	char *s;

	switch (g_variant_classify(v)) {
	case G_VARIANT_CLASS_STRING:
	case G_VARIANT_CLASS_OBJECT_PATH:
	case G_VARIANT_CLASS_SIGNATURE:
		json_text(out, g_variant_get_string(v, NULL));
		break;
	case G_VARIANT_CLASS_DOUBLE:
		number(out, g_variant_get_double(v), "null");
		break;
	case G_VARIANT_CLASS_VARIANT:
		json_inner(out, v);
		break;
	case G_VARIANT_CLASS_DICT_ENTRY:
		json_entry(out, v);
		break;
	case G_VARIANT_CLASS_TUPLE:
		json_children(out, v, false);
		break;
	case G_VARIANT_CLASS_ARRAY:
		if (g_variant_is_of_type(v, G_VARIANT_TYPE_BYTESTRING))
			json_bytes(out, v);
		else
			json_children(out, v, g_variant_is_of_type(v, G_VARIANT_TYPE_DICTIONARY));
		break;
	default: /* booleans and integers */
		s = g_variant_print(v, FALSE);
		g_string_append(out, s);
		g_free(s);
		break;
	}
}

void print_json_struct(GString *out, GVariant *tuple, const char *const names[])
{
	const char *comma = "";

	g_string_append_c(out, '{');
	for (gsize i = 0; i < g_variant_n_children(tuple); i++) {
		GVariant *child = g_variant_get_child_value(tuple, i);

		if (names[i]) {
			g_string_append(out, comma);
			json_text(out, names[i]);
			g_string_append_c(out, ':');
			print_json(out, child);
			comma = ",";
		}
		g_variant_unref(child);
	}
	g_string_append_c(out, '}');
}

void print_json_structs(GString *out, GVariant *array, const char *const names[])
{
	g_string_append_c(out, '[');
	for (gsize i = 0; i < g_variant_n_children(array); i++) {
		GVariant *child = g_variant_get_child_value(array, i);

		if (i)
			g_string_append_c(out, ',');
		print_json_struct(out, child, names);
		g_variant_unref(child);
	}
	g_string_append_c(out, ']');
}

/* --- for people ---------------------------------------------------------------------------- */

char *print_clean(const char *s)
{
	char *out = g_utf8_make_valid(s, -1);

	for (char *p = out; *p; p = g_utf8_next_char(p))
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return out;
}

static char *hex(GVariant *v)
{
	gsize n;
	const guchar *p = g_variant_get_fixed_array(v, &n, 1);
	GString *s = g_string_new(NULL);

	for (gsize i = 0; i < n; i++)
		g_string_append_printf(s, "%02x", p[i]);
	return g_string_free(s, FALSE);
}

char *print_value(GVariant *v)
{
	GString *s;

	if (g_variant_is_of_type(v, G_VARIANT_TYPE_STRING))
		return print_clean(g_variant_get_string(v, NULL));
	if (g_variant_is_of_type(v, G_VARIANT_TYPE_BYTESTRING))
		return hex(v);
	if (!g_variant_is_of_type(v, G_VARIANT_TYPE_DOUBLE))
		return g_variant_print(v, FALSE);
	s = g_string_new(NULL);
	number(s, g_variant_get_double(v), "?");
	return g_string_free(s, FALSE);
}

char *print_time(gint64 unix_ms)
{
	GDateTime *t = unix_ms > 0 ? g_date_time_new_from_unix_local(unix_ms / 1000) : NULL;
	char *s = t ? g_date_time_format(t, "%Y-%m-%d %H:%M:%S") : g_strdup("-");

	if (t)
		g_date_time_unref(t);
	return s;
}

char *print_span(gint64 ms)
{
	gint64 s = ms > 0 ? ms / 1000 : 0;

	if (s >= 86400)
		return g_strdup_printf("%" G_GINT64_FORMAT " d %" G_GINT64_FORMAT " h", s / 86400,
			s % 86400 / 3600);
	if (s >= 3600)
		return g_strdup_printf(
			"%" G_GINT64_FORMAT " h %" G_GINT64_FORMAT " min", s / 3600, s % 3600 / 60);
	if (s >= 60)
		return g_strdup_printf(
			"%" G_GINT64_FORMAT " min %" G_GINT64_FORMAT " s", s / 60, s % 60);
	return g_strdup_printf("%" G_GINT64_FORMAT " s", s);
}
