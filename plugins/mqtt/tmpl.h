/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Templates: texts with places in braces. "{2}" is the second level of the topic, "{2-}" the
 * second to the last joined by '/', "{/sn}" what a JSON pointer finds in the payload, "{device}",
 * "{key}", "{value}", "{text}" and "{id}" are those of a command. Any other '{' stands for itself,
 * so JSON can be written as it is; but "{word}" of an unknown word is an error.
 */
#ifndef MQTT_TMPL_H
#define MQTT_TMPL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <lgw/value.h>
#include "pointer.h"
#include "text.h"

#define TOPIC_LEVELS 64

/* The levels of a topic, borrowed from it. */
struct levels {
	const char *at[TOPIC_LEVELS];
	size_t len[TOPIC_LEVELS];
	size_t n;
};
/* LGW_ETOOBIG: more than TOPIC_LEVELS. */
int levels_split(struct levels *l, const char *topic);

enum {
	TMPL_LEVELS = 1u << 0, /* {1} {2-} */
	TMPL_POINTERS = 1u << 1,
	TMPL_DEVICE = 1u << 2,
	TMPL_KEY = 1u << 3,
	TMPL_VALUE = 1u << 4, /* {value} {text} */
	TMPL_ID = 1u << 5
};

struct tmpl_part;
struct tmpl {
	struct tmpl_part *parts;
	size_t n;
	unsigned uses; /* TMPL_*, what occurs */
	bool json;     /* begins with '{' or '[': values are put in as JSON */
};

/*
 * allowed: TMPL_*; levels: how many levels the topic surely has, more: it may have others
 * (filters with '#'). LGW_EINVAL with the reason in why.
 */
int tmpl_parse(struct tmpl *t, const char *s, unsigned allowed, size_t levels, bool more, char *why,
	size_t size);
void tmpl_fini(struct tmpl *t);
bool tmpl_is_set(const struct tmpl *t);
/* Is there a '{' that stands for itself? */
bool tmpl_has_brace(const struct tmpl *t);

struct tmpl_input {
	const struct levels *levels;
	json_t *json; /* NULL: no pointer finds anything */
	const char *device, *key;
	const struct lgw_value *value;
	uint64_t id;
};
/*
 * LGW_ENOENT with the reason in why when a level or member is not there, LGW_ETOOBIG, LGW_EINVAL
 * when the value cannot be written (bytes). In a template that is JSON {value} is a JSON value and
 * all else is escaped for use within quotes; otherwise {value} and {text} are the bare text.
 */
int tmpl_render(struct text *out, const struct tmpl *t, const struct tmpl_input *in, char *why,
	size_t size);

#endif
