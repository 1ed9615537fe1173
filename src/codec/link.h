/* SPDX-License-Identifier: BSD-3-Clause */
/* CoRE link format (RFC 6690): what Register and Discover say. */
#ifndef CODEC_LINK_H
#define CODEC_LINK_H

#include <stdbool.h>
#include "types/attr.h"
#include "types/path.h"
#include "util/wr.h"

/* --- writing ------------------------------------------------------------------------------- */

struct link_writer {
	struct wr *w;
	unsigned count;
};
/* One more link "</3/0>", with its parameters written next by link_param*. */
void link_add(struct link_writer *lw, const struct path *p);
/* ";name=value" or, quoted, ";name="value"". */
void link_param(struct link_writer *lw, const char *name, const char *value, bool quoted);
void link_param_int(struct link_writer *lw, const char *name, int64_t v);
/* Quoted, of any bytes. */
void link_param_text(struct link_writer *lw, const char *name, const char *value, size_t len);
void link_attrs(struct link_writer *lw, const struct attrs *a);
/* What a Bootstrap-Discover begins with: 'lwm2m="1.0"' in version 1.0 (§5.2.7.1), a link to the
 * root with lwm2m= later (1.1 §6.1.7.3). */
void link_enabler(struct link_writer *lw, const char *version);

/* --- reading ------------------------------------------------------------------------------- */

#define LINKS_MAX     10000u /* of a text */
#define LINK_TEXT_MAX 1024u  /* of a link's parameters that are kept, together */

struct link_text {
	const char *p; /* NULL: not said */
	size_t len;
};

/* One link with what LwM2M says of it; all texts are loans for the time of the call. */
struct weblink {
	struct link_text target; /* between the brackets */
	bool is_path;            /* of the data model, which is: */
	struct path path;
	struct attrs attrs;
	int dim;       /* -1: not said */
	uint16_t ssid; /* 0: not said */
	struct link_text ver, uri, lwm2m, rt, ct;
};
/* Not 0 stops the parser, which returns that status. */
typedef int (*link_fn)(void *ud, const struct weblink *l);
/*
 * Each link of a text in its order. Quoted and bare values mean the same; parameters that are not
 * known are passed over; the head of version 1.0, lwm2m="1.0", is a link to the root. Ill-formed, a
 * known parameter twice or out of its range, too long or too many: LGW_EINVAL.
 */
int link_parse(const void *p, size_t len, link_fn fn, void *ud);

#endif
