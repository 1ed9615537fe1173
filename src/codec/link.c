/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/link.h"
#include <inttypes.h>

void link_add(struct link_writer *lw, const struct path *p)
{
	char text[PATH_TEXT_MAX];

	if (lw->count++)
		wr_u8(lw->w, ',');
	wr_u8(lw->w, '<');
	wr_str(lw->w, path_text(text, p));
	wr_u8(lw->w, '>');
}

void link_param(struct link_writer *lw, const char *name, const char *value, bool quoted)
{
	wr_u8(lw->w, ';');
	wr_str(lw->w, name);
	wr_u8(lw->w, '=');
	if (quoted)
		wr_u8(lw->w, '"');
	for (const char *c = value; *c; c++) {
		if (quoted && (*c == '"' || *c == '\\'))
			wr_u8(lw->w, '\\');
		wr_u8(lw->w, (uint8_t)*c);
	}
	if (quoted)
		wr_u8(lw->w, '"');
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
