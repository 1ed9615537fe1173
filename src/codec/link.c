/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/link.h"
#include <inttypes.h>
#include <string.h>

void link_add(struct link_writer *lw, const struct path *p)
{
	char text[PATH_TEXT_MAX];

	if (lw->count++)
		wr_u8(lw->w, ',');
	wr_u8(lw->w, '<');
	wr_str(lw->w, path_text(text, p));
	wr_u8(lw->w, '>');
}

void link_param_text(struct link_writer *lw, const char *name, const char *value, size_t len)
{
	wr_printf(lw->w, ";%s=\"", name);
	for (size_t k = 0; k < len; k++) {
		if (value[k] == '"' || value[k] == '\\')
			wr_u8(lw->w, '\\');
		wr_u8(lw->w, (uint8_t)value[k]);
	}
	wr_u8(lw->w, '"');
}

void link_param(struct link_writer *lw, const char *name, const char *value, bool quoted)
{
	if (quoted)
		link_param_text(lw, name, value, strlen(value));
	else
		wr_printf(lw->w, ";%s=%s", name, value);
}

void link_param_int(struct link_writer *lw, const char *name, int64_t v)
{
	wr_printf(lw->w, ";%s=%" PRId64, name, v);
}

void link_attrs(struct link_writer *lw, const struct attrs *a)
{
	char text[256];
	int n;

	if (!a->set)
		return;
	n = attr_text(text, sizeof(text), a);
	if (n > 0)
		wr_bytes(lw->w, text, (size_t)n);
	else if (n < 0)
		lw->w->err = lw->w->err ? lw->w->err : n;
}

void link_enabler(struct link_writer *lw, const char *version)
{
	struct path root = PATH_ROOT;

	if (!strcmp(version, "1.0")) {
		wr_str(lw->w, "lwm2m=\"1.0\"");
		lw->count++;
		return;
	}
	link_add(lw, &root);
	link_param(lw, "lwm2m", version, false);
}
