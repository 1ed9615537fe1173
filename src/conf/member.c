/* SPDX-License-Identifier: BSD-3-Clause */
/* Members of a struct that a table describes: defaults, and their end. */
#include "conf/member.h"

#include <stdlib.h>
#include <string.h>
#include "conf/schema.h"
#include "util/mem.h"
#include "util/str.h"

void schema_put_string(char **to, const char *s, bool secret)
{
	if (secret)
		mem_wipe_str(*to);
	else
		free(*to);
	*to = xstrdup(s);
}

void schema_value_release(struct lgw_value *v)
{
	if (v->type == LGW_TEXT)
		free((char *)(uintptr_t)v->u.s.p);
	v->type = LGW_NULL;
}

/* A default is a text of the table: its form is ours, so it must fit. */
void schema_default(const struct lgw_option *o, void *to)
{
	int64_t v = 0;

	if (o->type == LGW_OPT_GROUP) {
		for (const struct lgw_option *k = o->sub; k->name; k++)
			schema_default(k, member_at(o, to));
		return;
	}
	if (!o->def)
		return;
	switch (o->type) {
	case LGW_OPT_BOOL:
		*(bool *)member_at(o, to) = str_eq(o->def, "true");
		break;
	case LGW_OPT_INT:
		*(int64_t *)member_at(o, to) = strtoll(o->def, NULL, 10);
		break;
	case LGW_OPT_REAL:
		*(double *)member_at(o, to) = strtod(o->def, NULL);
		break;
	case LGW_OPT_CHOICE:
		*(int *)member_at(o, to) = schema_choice(o, o->def);
		break;
	case LGW_OPT_DURATION:
		schema_duration(o->def, &v);
		*(int64_t *)member_at(o, to) = v;
		break;
	case LGW_OPT_SIZE:
		schema_size(o->def, &v);
		*(int64_t *)member_at(o, to) = v;
		break;
	case LGW_OPT_STRING:
	case LGW_OPT_SECRET:
		*(char **)member_at(o, to) = xstrdup(o->def);
		break;
	default:
		break;
	}
}

/* --- release ------------------------------------------------------------------------------- */

static void list_release(const struct lgw_option *o, struct lgw_list *l)
{
	for (size_t k = 0; k < l->n; k++) {
		switch (o->type) {
		case LGW_OPT_STRINGS:
			free(((char **)l->items)[k]);
			break;
		case LGW_OPT_VALUES:
			schema_value_release(&((struct lgw_value *)l->items)[k]);
			break;
		default:
			schema_release(o->sub, (char *)l->items + k * o->sub_size);
			if (o->type == LGW_OPT_MAP)
				free(*(char **)(void *)((char *)l->items + k * o->sub_size));
		}
	}
	free(l->items);
	*l = (struct lgw_list){ 0 };
}

void schema_release(const struct lgw_option *table, void *from)
{
	for (const struct lgw_option *o = table; o->name; o++) {
		switch (o->type) {
		case LGW_OPT_STRING:
		case LGW_OPT_WHERE:
			schema_put_string(member_at(o, from), NULL, false);
			break;
		case LGW_OPT_SECRET:
			schema_put_string(member_at(o, from), NULL, true);
			break;
		case LGW_OPT_VALUE:
			schema_value_release(member_at(o, from));
			break;
		case LGW_OPT_GROUP:
			schema_release(o->sub, member_at(o, from));
			break;
		case LGW_OPT_STRINGS:
		case LGW_OPT_VALUES:
		case LGW_OPT_LIST:
		case LGW_OPT_MAP:
			list_release(o, member_at(o, from));
			break;
		default:
			break;
		}
	}
}
