/* SPDX-License-Identifier: BSD-3-Clause */
/* Members of a struct that a table of options describes. */
#ifndef CONF_MEMBER_H
#define CONF_MEMBER_H

#include <lgw/conf.h>

static inline void *member_at(const struct lgw_option *o, void *to)
{
	return (char *)to + o->offset;
}
/* Take the default of the table; the member is zero so far. */
void schema_default(const struct lgw_option *o, void *to);
/* Replace an owned string; the old one is wiped if secret. */
void schema_put_string(char **to, const char *s, bool secret);
void schema_value_release(struct lgw_value *v);
/* Index of a word among the choices, or -1. */
int schema_choice(const struct lgw_option *o, const char *s);

#endif
