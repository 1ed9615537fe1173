/* SPDX-License-Identifier: BSD-3-Clause */
/* Names for people: paths in words, endpoint names out of templates. */
#ifndef GATEWAY_NAMES_H
#define GATEWAY_NAMES_H

#include "dm/objdef.h"
#include "types/path.h"

/* "/3303/0/5700" or "Temperature/0/Sensor_Value"; each level as a number or by its name. */
int names_path(const struct objdefs *defs, const char *text, struct path *out);

/* What a template may name; NULL: unknown, left empty. */
struct name_parts {
	const char *device, *plugin, *machine, *serial, *name;
	const char *endpoint; /* not in templates of endpoint names themselves */
};
#define ENDPOINT_MAX 252 /* "ep=" and it are one option of 255 bytes */
/* "{plugin}-{device}"; characters that servers choke on become '-'. LGW_EINVAL with a reason in
 * text for an unknown part, an open brace or an empty result. */
int names_endpoint(const char *template, const struct name_parts *parts, char *out, size_t cap,
	char *text, size_t size);
/* The same for any text; what: whose template it is, for the reason. A part that would lead to
 * another folder ("..") is refused. */
int names_fill(const char *what, const char *template, const struct name_parts *parts, char *out,
	size_t cap, char *text, size_t size);

#endif
