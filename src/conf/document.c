/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables as text for people: one source for the parser and the manual page. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf/schema.h"
#include "conf/tables.h"
#include "util/mem.h"

struct writer {
	bool roff;
	void (*out)(void *ud, const char *line);
	void *ud;
};

static void line(const struct writer *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void line(const struct writer *w, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	w->out(w->ud, buf);
}

/* What follows the name: type, choices, bounds, default. */
static void describe(const struct lgw_option *o, char *buf, size_t size)
{
	size_t n = 0;

	if (o->type == LGW_OPT_CHOICE) {
		for (int k = 0; o->choices[k] && n < size; k++)
			n += (size_t)snprintf(
				buf + n, size - n, "%s\"%s\"", k ? " or " : "", o->choices[k]);
	} else {
		n += (size_t)snprintf(buf, size, "%s", schema_type_name(o->type));
	}
	if ((o->min != 0 || o->max != 0) && n < size && o->type != LGW_OPT_DURATION)
		n += (size_t)snprintf(buf + n, size - n, ", %.15g to %.15g", o->min, o->max);
	if (o->flags & LGW_OPT_REQUIRED && n < size)
		n += (size_t)snprintf(buf + n, size - n, "; required");
	else if (o->def && n < size)
		n += (size_t)snprintf(buf + n, size - n, "; default %s", *o->def ? o->def : "\"\"");
	if (o->flags & LGW_OPT_RESTART && n < size)
		snprintf(buf + n, size - n, "; takes effect after a restart");
}

/* A dash or a dot at the begin of a line means something to roff. */
static void escape(char *out, size_t size, const char *s)
{
	size_t n = 0;

	for (; *s && n + 3 < size; s++) {
		if (*s == '\\' || *s == '-')
			out[n++] = '\\';
		out[n++] = *s;
	}
	out[n] = '\0';
}

static void document(const struct writer *w, const char *prefix, const struct lgw_option *table)
{
	char text[600], what[700], help[700], name[400];

	for (const struct lgw_option *o = table; o->name; o++) {
		if (o->type == LGW_OPT_WHERE)
			continue;
		describe(o, text, sizeof(text));
		snprintf(name, sizeof(name), "%s%s", prefix, o->name);
		if (w->roff) {
			escape(what, sizeof(what), text);
			escape(help, sizeof(help), o->help);
			line(w, ".TP");
			line(w, ".B %s", name);
			line(w, "(%s)", what);
			line(w, ".br");
			line(w, "%s", help);
		} else {
			line(w, "%s", name);
			line(w, "    %s", text);
			line(w, "    %s", o->help);
		}
		if (!o->sub)
			continue;
		snprintf(name, sizeof(name), "%s%s%s.", prefix, o->name,
			o->type == LGW_OPT_LIST  ? "[]"
			: o->type == LGW_OPT_MAP ? ".NAME"
						 : "");
		document(w, name, o->sub);
	}
}

static int is_so(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 3 && !strcmp(d->d_name + n - 3, ".so");
}

int conf_document(
	const char *plugindir, bool roff, void (*out)(void *ud, const char *line), void *ud)
{
	struct writer w = { roff, out, ud };
	const char *dir = plugindir ? plugindir : LGW_PLUGINDIR;
	struct dirent **names = NULL;
	int n;

	document(&w, "", conf_root_table);
	n = scandir(dir, &names, is_so, alphasort);
	for (int k = 0; k < n; k++) {
		const struct lgw_plugin *p;
		char prefix[300], text[512];

		names[k]->d_name[strlen(names[k]->d_name) - 3] = '\0';
		p = plugins_load(dir, names[k]->d_name, text, sizeof(text));
		snprintf(prefix, sizeof(prefix), "plugins.%s.", names[k]->d_name);
		if (p && p->options)
			document(&w, prefix, p->options);
		free(names[k]);
	}
	if (n >= 0)
		free(names);
	return 0;
}
