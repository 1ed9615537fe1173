/* SPDX-License-Identifier: BSD-3-Clause */
/* CoRE link format (RFC 6690): what Register and Discover say. Written only. */
#ifndef CODEC_LINK_H
#define CODEC_LINK_H

#include <stdbool.h>
#include "types/attr.h"
#include "types/path.h"
#include "util/wr.h"

struct link_writer {
	struct wr *w;
	unsigned count;
};
/* One more link "</3/0>", with its parameters written next by link_param*. */
void link_add(struct link_writer *lw, const struct path *p);
/* ";name=value" or, quoted, ";name="value"". */
void link_param(struct link_writer *lw, const char *name, const char *value, bool quoted);
void link_param_int(struct link_writer *lw, const char *name, int64_t v);
void link_attrs(struct link_writer *lw, const struct attrs *a);

#endif
