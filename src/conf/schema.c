/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/schema.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf/member.h"
#include "conf/secret.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

#define ERRORS_MAX 100

void conf_complain(struct conf_errors *e, const char *file, const config_setting_t *s,
	const char *key, const char *fmt, ...)
{
	const char *where =
		s && config_setting_source_file(s) ? config_setting_source_file(s) : file;
	char text[512];
	va_list ap;

	if (e->n == ERRORS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	e->lines = xreallocarray(e->lines, e->n + 1, sizeof(*e->lines));
	if (s)
		e->lines[e->n++] = xasprintf("%s:%u: %s%s%s", where, config_setting_source_line(s),
			key, *key ? ": " : "", text);
	else
		e->lines[e->n++] = xasprintf("%s: %s%s%s", where, key, *key ? ": " : "", text);
}

void conf_errors_fini(struct conf_errors *e)
{
	for (size_t k = 0; k < e->n; k++)
		free(e->lines[k]);
	free(e->lines);
	*e = (struct conf_errors){ 0 };
}

const char *schema_type_name(enum lgw_option_type t)
{
	static const char *const names[] = {
		[LGW_OPT_BOOL] = "true or false",
		[LGW_OPT_INT] = "a whole number",
		[LGW_OPT_REAL] = "a number",
		[LGW_OPT_STRING] = "a string",
		[LGW_OPT_SECRET] = "a string, \"file:PATH\", \"env:NAME\" or \"credential:NAME\"",
		[LGW_OPT_CHOICE] = "one of its words",
		[LGW_OPT_DURATION] =
			"a duration such as \"500ms\", \"5s\", \"10min\", \"2h\", \"7d\"",
		[LGW_OPT_SIZE] = "a size such as \"64k\", \"10M\"",
		[LGW_OPT_VALUE] = "a string, number or boolean",
		[LGW_OPT_STRINGS] = "a string or a list of strings",
		[LGW_OPT_VALUES] = "a list of strings, numbers or booleans",
		[LGW_OPT_GROUP] = "a group { … }",
		[LGW_OPT_LIST] = "a list ( { … }, { … } )",
		[LGW_OPT_MAP] = "a group of named groups { name = { … }; }",
	};

	return (size_t)t < ARRAY_SIZE(names) ? names[t] : "?";
}

/* The file's name of an option, "servers[0].uri". */
static const char *key_of(const struct schema_ctx *ctx, const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", ctx->path, *ctx->path ? "." : "", name);
	return buf;
}

static void bad(const struct schema_ctx *ctx, const config_setting_t *s, const struct lgw_option *o,
	const char *what)
{
	char key[400];

	conf_complain(
		ctx->errors, ctx->file, s, key_of(ctx, o->name, key, sizeof(key)), "%s", what);
}

static void bad_type(
	const struct schema_ctx *ctx, const config_setting_t *s, const struct lgw_option *o)
{
	char text[160];

	snprintf(text, sizeof(text), "expected %s", schema_type_name(o->type));
	bad(ctx, s, o, text);
}

static bool bounded(const struct lgw_option *o, double v)
{
	return (o->min == 0 && o->max == 0) || (v >= o->min && v <= o->max);
}

static void bad_range(
	const struct schema_ctx *ctx, const config_setting_t *s, const struct lgw_option *o)
{
	char text[160];

	if (o->type == LGW_OPT_DURATION)
		snprintf(text, sizeof(text), "out of range, expected %.15g s to %.15g s",
			o->min / 1000, o->max / 1000);
	else
		snprintf(text, sizeof(text), "out of range, expected %.15g to %.15g", o->min,
			o->max);
	bad(ctx, s, o, text);
}

static bool is_int(const config_setting_t *s)
{
	int t = config_setting_type(s);

	return t == CONFIG_TYPE_INT || t == CONFIG_TYPE_INT64;
}

/* --- scalars: from a setting, or from the text of a default ---------------------------------- */

int schema_choice(const struct lgw_option *o, const char *s)
{
	for (int k = 0; o->choices[k]; k++)
		if (str_eq(o->choices[k], s))
			return k;
	return -1;
}

static void bad_choice(
	const struct schema_ctx *ctx, const config_setting_t *s, const struct lgw_option *o)
{
	char text[400] = "expected one of";

	for (int k = 0; o->choices[k]; k++) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, "%s \"%s\"", k ? "," : "", o->choices[k]);
	}
	bad(ctx, s, o, text);
}

static void fill_number(const struct schema_ctx *ctx, const struct lgw_option *o, void *to,
	const config_setting_t *s)
{
	const char *text = config_setting_get_string(s);
	int64_t v = 0;
	int r = LGW_OK;

	if (is_int(s)) {
		v = config_setting_get_int64(s);
		if (o->type == LGW_OPT_DURATION)
			v = v > INT64_MAX / 1000 || v < 0 ? -1 : v * 1000;
	} else if (text && o->type == LGW_OPT_DURATION) {
		r = schema_duration(text, &v);
	} else if (text && o->type == LGW_OPT_SIZE) {
		r = schema_size(text, &v);
	} else {
		r = LGW_EINVAL;
	}
	if (r)
		bad_type(ctx, s, o);
	else if (!bounded(o, (double)v) || (o->type != LGW_OPT_INT && v < 0))
		bad_range(ctx, s, o);
	else
		*(int64_t *)member_at(o, to) = v;
}

static void fill_real(const struct schema_ctx *ctx, const struct lgw_option *o, void *to,
	const config_setting_t *s)
{
	double v;

	if (config_setting_type(s) == CONFIG_TYPE_FLOAT)
		v = config_setting_get_float(s);
	else if (is_int(s))
		v = (double)config_setting_get_int64(s);
	else {
		bad_type(ctx, s, o);
		return;
	}
	if (bounded(o, v))
		*(double *)member_at(o, to) = v;
	else
		bad_range(ctx, s, o);
}

static void *list_grow(struct lgw_list *l, size_t size)
{
	char *item;

	l->items = xreallocarray(l->items, l->n + 1, size);
	item = (char *)l->items + l->n++ * size;
	memset(item, 0, size);
	return item;
}

static char *place_of(const struct schema_ctx *ctx, const config_setting_t *s)
{
	const char *file = config_setting_source_file(s);

	return xasprintf("%s:%u", file ? file : ctx->file, config_setting_source_line(s));
}

static void note_map(const struct schema_ctx *ctx, const struct lgw_option *o,
	const config_setting_t *s, const char *name)
{
	struct schema_map *m;
	char key[400];

	if (!ctx->maps || !(o->flags & LGW_OPT_MAP_NAME))
		return;
	m = list_grow(ctx->maps, sizeof(*m));
	*m = (struct schema_map){ place_of(ctx, s), xstrdup(key_of(ctx, o->name, key, sizeof(key))),
		xstrdup(name) };
}

static void fill_text(const struct schema_ctx *ctx, const struct lgw_option *o, void *to,
	const config_setting_t *s)
{
	const char *text = config_setting_get_string(s);
	char reason[256], *secret;
	int k;

	if (!text && o->type == LGW_OPT_CHOICE) {
		bad_choice(ctx, s, o);
	} else if (!text) {
		bad_type(ctx, s, o);
	} else if (o->type == LGW_OPT_STRING && o->check && o->check(text)) {
		bad(ctx, s, o, o->check(text));
	} else if (o->type == LGW_OPT_STRING) {
		schema_put_string(member_at(o, to), text, false);
		note_map(ctx, o, s, text);
	} else if (o->type == LGW_OPT_CHOICE) {
		k = schema_choice(o, text);
		if (k < 0)
			bad_choice(ctx, s, o);
		else
			*(int *)member_at(o, to) = k;
	} else if (!ctx->trust || !secret_of_service(text)) {
		secret = secret_resolve(text, reason, sizeof(reason));
		if (!secret) {
			bad(ctx, s, o, reason);
			return;
		}
		schema_put_string(member_at(o, to), secret, true);
		mem_wipe_str(secret);
	}
}

/* Any scalar; false: it is none. */
static bool value_of(const config_setting_t *s, struct lgw_value *v)
{
	const char *text;

	*v = (struct lgw_value){ .type = LGW_NULL };
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		v->type = LGW_INT;
		v->u.i = config_setting_get_int64(s);
		return true;
	case CONFIG_TYPE_FLOAT:
		v->type = LGW_REAL;
		v->u.r = config_setting_get_float(s);
		return true;
	case CONFIG_TYPE_BOOL:
		v->type = LGW_BOOL;
		v->u.b = config_setting_get_bool(s);
		return true;
	case CONFIG_TYPE_STRING:
		text = config_setting_get_string(s);
		v->type = LGW_TEXT;
		v->u.s.p = xstrdup(text);
		v->u.s.len = strlen(text);
		return true;
	default:
		return false;
	}
}

/* --- lists --------------------------------------------------------------------------------- */

static bool is_sequence(const config_setting_t *s)
{
	return config_setting_is_list(s) || config_setting_is_array(s);
}

static void fill_strings(const struct schema_ctx *ctx, const struct lgw_option *o, void *to,
	const config_setting_t *s)
{
	struct lgw_list *l = member_at(o, to);
	int n = is_sequence(s) ? config_setting_length(s) : 1;

	for (int k = 0; k < n; k++) {
		const config_setting_t *e =
			is_sequence(s) ? config_setting_get_elem(s, (unsigned)k) : s;
		const char *text = config_setting_get_string(e);

		if (!text) {
			bad_type(ctx, e, o);
			return;
		}
		*(char **)list_grow(l, sizeof(char *)) = xstrdup(text);
	}
}

static void fill_values(const struct schema_ctx *ctx, const struct lgw_option *o, void *to,
	const config_setting_t *s)
{
	struct lgw_list *l = member_at(o, to);
	struct lgw_value v;

	if (!is_sequence(s)) {
		bad_type(ctx, s, o);
		return;
	}
	for (int k = 0; k < config_setting_length(s); k++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)k);

		if (!value_of(e, &v)) {
			bad_type(ctx, e, o);
			return;
		}
		*(struct lgw_value *)list_grow(l, sizeof(v)) = v;
	}
}

static struct schema_ctx below(
	const struct schema_ctx *ctx, const struct lgw_option *o, const char *name, long index)
{
	struct schema_ctx sub = *ctx;
	size_t n = strlen(sub.path);

	n += (size_t)snprintf(sub.path + n, sizeof(sub.path) - n, "%s%s", n ? "." : "", o->name);
	if (n < sizeof(sub.path) && name)
		snprintf(sub.path + n, sizeof(sub.path) - n, ".%s", name);
	else if (n < sizeof(sub.path) && index >= 0)
		snprintf(sub.path + n, sizeof(sub.path) - n, "[%ld]", index);
	return sub;
}

static void fill_list(const struct schema_ctx *ctx, const struct lgw_option *o, void *to,
	const config_setting_t *s)
{
	struct lgw_list *l = member_at(o, to);

	if (!config_setting_is_list(s)) {
		bad_type(ctx, s, o);
		return;
	}
	for (int k = 0; k < config_setting_length(s); k++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)k);
		struct schema_ctx sub = below(ctx, o, NULL, k);

		if (config_setting_is_group(e))
			schema_fill(&sub, o->sub, list_grow(l, o->sub_size), o->sub_size, e, true);
		else
			bad_type(ctx, e, o);
	}
}

static void *map_item(struct lgw_list *l, size_t size, const char *name)
{
	for (size_t k = 0; k < l->n; k++) {
		char *item = (char *)l->items + k * size;

		if (str_eq(*(char **)(void *)item, name))
			return item;
	}
	return NULL;
}

static void fill_map(const struct schema_ctx *ctx, const struct lgw_option *o, void *to,
	const config_setting_t *s)
{
	struct lgw_list *l = member_at(o, to);

	if (!config_setting_is_group(s)) {
		bad_type(ctx, s, o);
		return;
	}
	for (int k = 0; k < config_setting_length(s); k++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned)k);
		const char *name = config_setting_name(e);
		struct schema_ctx sub = below(ctx, o, name, -1);
		void *item = map_item(l, o->sub_size, name);
		bool fresh = !item;

		if (!config_setting_is_group(e)) {
			bad_type(ctx, e, o);
			continue;
		}
		if (fresh)
			item = list_grow(l, o->sub_size);
		schema_fill(&sub, o->sub, item, o->sub_size, e, fresh);
		if (fresh)
			*(char **)item = xstrdup(name);
	}
}

/* --- groups -------------------------------------------------------------------------------- */

static void fill_option(const struct schema_ctx *ctx, const struct lgw_option *o, void *to,
	const config_setting_t *s)
{
	struct schema_ctx sub;

	switch (o->type) {
	case LGW_OPT_BOOL:
		if (config_setting_type(s) == CONFIG_TYPE_BOOL)
			*(bool *)member_at(o, to) = config_setting_get_bool(s);
		else
			bad_type(ctx, s, o);
		break;
	case LGW_OPT_INT:
	case LGW_OPT_DURATION:
	case LGW_OPT_SIZE:
		fill_number(ctx, o, to, s);
		break;
	case LGW_OPT_REAL:
		fill_real(ctx, o, to, s);
		break;
	case LGW_OPT_STRING:
	case LGW_OPT_SECRET:
	case LGW_OPT_CHOICE:
		fill_text(ctx, o, to, s);
		break;
	case LGW_OPT_VALUE:
		schema_value_release(member_at(o, to));
		if (!value_of(s, member_at(o, to)))
			bad_type(ctx, s, o);
		break;
	case LGW_OPT_STRINGS:
		fill_strings(ctx, o, to, s);
		break;
	case LGW_OPT_VALUES:
		fill_values(ctx, o, to, s);
		break;
	case LGW_OPT_GROUP:
		sub = below(ctx, o, NULL, -1);
		if (config_setting_is_group(s))
			schema_fill(&sub, o->sub, member_at(o, to), o->sub_size, s, false);
		else
			bad_type(ctx, s, o);
		break;
	case LGW_OPT_LIST:
		fill_list(ctx, o, to, s);
		break;
	case LGW_OPT_MAP:
		fill_map(ctx, o, to, s);
		break;
	case LGW_OPT_WHERE:
		break;
	}
}

/* Letters that differ, for "did you mean": a small edit distance over short names. */
static unsigned distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned row[65];

	if (la > 64 || lb > 64)
		return 99;
	for (size_t j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);

			best = above + 1 < best ? above + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[lb];
}

static void unknown(
	const struct schema_ctx *ctx, const struct lgw_option *table, const config_setting_t *s)
{
	const char *name = config_setting_name(s), *nearest = NULL;
	unsigned best = 3;
	char key[400];

	for (const struct lgw_option *o = table; o->name; o++) {
		unsigned d = *o->name ? distance(name, o->name) : 99;

		if (d < best) {
			best = d;
			nearest = o->name;
		}
	}
	conf_complain(ctx->errors, ctx->file, s, key_of(ctx, name, key, sizeof(key)),
		"unknown key%s%s%s", nearest ? ", did you mean \"" : "", nearest ? nearest : "",
		nearest ? "\"?" : "");
}

static void take_where(const struct schema_ctx *ctx, const struct lgw_option *o, void *to,
	const config_setting_t *group)
{
	char *where = place_of(ctx, group);

	schema_put_string(member_at(o, to), where, false);
	free(where);
}

void schema_fill(struct schema_ctx *ctx, const struct lgw_option *table, void *to, size_t size,
	const config_setting_t *group, bool fresh)
{
	char key[400];

	if (fresh) {
		memset(to, 0, size);
		for (const struct lgw_option *o = table; o->name; o++)
			schema_default(o, to);
	}
	for (int k = 0; group && k < config_setting_length(group); k++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned)k);
		const struct lgw_option *o = table;

		while (o->name && strcmp(o->name, config_setting_name(s)))
			o++;
		if (o->name)
			fill_option(ctx, o, to, s);
		else
			unknown(ctx, table, s);
	}
	for (const struct lgw_option *o = table; group && o->name; o++)
		if (o->type == LGW_OPT_WHERE)
			take_where(ctx, o, to, group);
	for (const struct lgw_option *o = table; fresh && group && o->name; o++)
		if (o->flags & LGW_OPT_REQUIRED && !config_setting_get_member(group, o->name))
			conf_complain(ctx->errors, ctx->file, group,
				key_of(ctx, o->name, key, sizeof(key)), "is missing, expected %s",
				schema_type_name(o->type));
}
