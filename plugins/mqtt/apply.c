/* SPDX-License-Identifier: BSD-3-Clause */
#include "apply.h"

#include <stdio.h>
#include <string.h>
#include <lgw/status.h>
#include "stamp.h"
#include "text.h"

bool rule_wants(const struct rule *r, const char *topic)
{
	if (!topic_matches(r->filter, topic))
		return false;
	if (r->availability.filter && topic_matches(r->availability.filter, topic))
		return false;
	for (size_t k = 0; k < r->exclude_topics.n; k++)
		if (topic_matches(r->exclude_topics.at[k], topic))
			return false;
	return true;
}

/* --- one message --------------------------------------------------------------------------- */

struct work {
	const struct rule *r;
	const struct message *m;
	struct batch *b;
	const char *device; /* in b */
	int64_t time_ms;
	struct text key;
	size_t n;
	char *why;
};

static void complain(struct work *w, const char *what, const char *about)
{
	char name[64];

	if (*w->why) /* the first reason is the one to tell */
		return;
	text_printable(name, sizeof(name), about, strlen(about));
	snprintf(w->why, WHY_BYTES, "%s%s%s", what, *name ? " " : "", name);
}

static void add(struct work *w, const struct lgw_value *v)
{
	const char *key = text_str(&w->key);
	struct lgw_reading *r;

	if (strings_glob(&w->r->ignore, key))
		return;
	if (!text_name(key, w->key.len)) {
		complain(w, w->key.len ? "unusable name" : "a member without a name", key);
		return;
	}
	if (w->n == MEMBERS_MAX) {
		complain(w, "more values than one message may have, left out from", key);
		return;
	}
	w->n++;
	r = batch_add(w->b);
	*r = (struct lgw_reading){
		.device = w->device,
		.key = batch_keep(w->b, key, w->key.len),
		.value = *v,
		.time_ms = w->time_ms,
		.flags = w->m->retained ? LGW_READING_RETAINED : 0,
		.group = w->r->name,
		.max_devices = w->r->max_devices,
		.map = w->r->map,
		.optimistic = w->r->optimistic,
	};
	if (v->type == LGW_TEXT)
		r->value.u.s.p = batch_keep(w->b, v->u.s.p, v->u.s.len);
}

/* Every scalar below j; the depth is limited by payload_parse. Arrays have no names in them. */
static void add_members(struct work *w, json_t *j)
{
	size_t before = w->key.len;
	struct lgw_value v;
	const char *name;
	json_t *member;

	if (payload_scalar(&v, j))
		add(w, &v);
	if (!json_is_object(j))
		return;
	json_object_foreach(j, name, member)
	{
		text_adds(&w->key, before ? "." : "");
		text_adds(&w->key, name);
		if (!*name)
			complain(w, "a member without a name", "");
		else if (!w->key.bad)
			add_members(w, member);
		w->key.len = before;
		w->key.p[before] = '\0';
	}
}

static bool render(struct work *w, struct text *out, const struct tmpl *t, const char *what)
{
	const struct tmpl_input in = { .levels = &w->m->levels, .json = w->m->payload.json };
	char reason[100] = "";

	if (!tmpl_render(out, t, &in, reason, sizeof(reason)))
		return true;
	complain(w, what, reason);
	return false;
}

static void add_values(struct work *w)
{
	if (!w->m->payload.json) {
		complain(w, "not JSON", "");
		return;
	}
	for (size_t k = 0; k < w->r->nvalues; k++) {
		const struct extract *x = &w->r->values[k];
		json_t *j = pointer_get(&x->pointer, w->m->payload.json);

		text_reset(&w->key);
		if (j && (!tmpl_is_set(&x->key) || render(w, &w->key, &x->key, "key:")))
			add_members(w, j);
	}
}

static void add_plain(struct work *w)
{
	const struct payload *p = &w->m->payload;
	const struct levels *l = &w->m->levels;
	struct lgw_value v = { .type = LGW_TEXT, .u.s = { p->text, p->len } };

	if (p->json && !payload_scalar(&v, p->json))
		return; /* null */
	if (!tmpl_is_set(&w->r->key))
		text_add(&w->key, l->at[l->n - 1], l->len[l->n - 1]);
	add(w, &v);
}

static void add_payload(struct work *w)
{
	json_t *j = w->m->payload.json;

	if (w->r->nvalues) {
		add_values(w);
		return;
	}
	if (tmpl_is_set(&w->r->key) && !render(w, &w->key, &w->r->key, "key:"))
		return;
	if (json_is_object(j))
		add_members(w, j);
	else if (json_is_array(j))
		complain(w, "an array, and the rule has no values to take out of it", "");
	else
		add_plain(w);
}

/* --- device and time ------------------------------------------------------------------------ */

static bool find_device(struct work *w)
{
	struct text device = { 0 };
	bool ok = render(w, &device, &w->r->device, "device:");

	if (ok && !text_name(text_str(&device), device.len)) {
		complain(w, device.len ? "unusable device id" : "empty device id",
			text_str(&device));
		ok = false;
	}
	ok = ok && !rule_excludes(w->r, text_str(&device));
	if (ok)
		w->device = batch_keep(w->b, text_str(&device), device.len);
	text_free(&device);
	return ok;
}

/* A time that cannot be understood costs the time, not the readings. */
static void find_time(struct work *w)
{
	json_t *j = w->r->has_time && w->m->payload.json
			    ? pointer_get(&w->r->time, w->m->payload.json)
			    : NULL;
	int e = LGW_EINVAL;

	if (!j || json_is_null(j))
		return;
	if (json_is_number(j))
		e = stamp_number(&w->time_ms, json_number_value(j));
	else if (json_is_string(j))
		e = stamp_text(&w->time_ms, json_string_value(j), json_string_length(j));
	if (e) {
		w->time_ms = 0;
		complain(w, "not a time with a zone:",
			json_is_string(j) ? json_string_value(j) : "no text or number in range");
	}
}

size_t rule_apply(
	const struct rule *r, const struct message *m, struct batch *b, char why[WHY_BYTES])
{
	struct work w = { .r = r, .m = m, .b = b, .why = why };

	*why = '\0';
	if (!m->payload.empty && find_device(&w)) {
		find_time(&w);
		add_payload(&w);
		if (w.key.bad)
			complain(&w, "a name that is too long", "");
	}
	text_free(&w.key);
	return w.n;
}

/* --- availability and words ----------------------------------------------------------------- */

bool message_word(const struct message *m, const struct pointer *p, struct text *out)
{
	json_t *j = m->payload.json;
	struct lgw_value v;

	text_reset(out);
	if (!j && !p) {
		text_add(out, m->payload.text, m->payload.len);
		return !m->payload.empty;
	}
	if (j && p)
		j = pointer_get(p, j);
	if (!j || !payload_scalar(&v, j))
		return false;
	text_add_value(out, &v);
	return true;
}

static bool availability_word(
	const struct availability *a, const struct message *m, struct text *word)
{
	static const struct pointer state = { .token = { "state" }, .n = 1 };
	const struct pointer *p = a->has_pointer ? &a->pointer : NULL;

	if (!p && json_is_object(m->payload.json))
		p = &state;
	return message_word(m, p, word);
}

int availability_apply(const struct rule *r, const struct message *m, struct text *scratch,
	bool *online, char why[WHY_BYTES])
{
	const struct availability *a = &r->availability;
	struct text word = { 0 };
	int e = LGW_OK;

	if (a->level > m->levels.n || m->payload.empty)
		return LGW_ENOENT;
	text_reset(scratch);
	text_add(scratch, m->levels.at[a->level - 1], m->levels.len[a->level - 1]);
	if (rule_excludes(r, text_str(scratch)))
		return LGW_ENOENT;
	if (!text_name(text_str(scratch), scratch->len)) {
		snprintf(why, WHY_BYTES, "unusable device id");
		return LGW_EINVAL;
	}
	if (!availability_word(a, m, &word))
		e = LGW_EINVAL;
	else if (!strcmp(text_str(&word), a->online))
		*online = true;
	else if (!strcmp(text_str(&word), a->offline))
		*online = false;
	else
		e = LGW_EINVAL;
	if (e)
		snprintf(why, WHY_BYTES, "neither \"%s\" nor \"%s\"", a->online, a->offline);
	text_free(&word);
	return e;
}
