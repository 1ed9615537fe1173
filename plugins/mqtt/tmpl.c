/* SPDX-License-Identifier: BSD-3-Clause */
#include "tmpl.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "mem.h"
#include "payload.h"

enum part_kind {
	PART_LITERAL,
	PART_LEVEL,
	PART_REST,
	PART_POINTER,
	PART_DEVICE,
	PART_KEY,
	PART_VALUE,
	PART_TEXT,
	PART_ID
};

struct tmpl_part {
	enum part_kind kind;
	char *literal; /* of a pointer: as it was written */
	size_t level;  /* from 1 */
	struct pointer pointer;
};

static const struct word {
	const char *name;
	enum part_kind kind;
	unsigned use;
} words[] = {
	{ "device", PART_DEVICE, TMPL_DEVICE },
	{ "key", PART_KEY, TMPL_KEY },
	{ "value", PART_VALUE, TMPL_VALUE },
	{ "text", PART_TEXT, TMPL_VALUE },
	{ "id", PART_ID, TMPL_ID },
};

int levels_split(struct levels *l, const char *topic)
{
	l->n = 0;
	for (const char *s = topic;; s++) {
		size_t len = strcspn(s, "/");

		if (l->n == TOPIC_LEVELS)
			return LGW_ETOOBIG;
		l->at[l->n] = s;
		l->len[l->n++] = len;
		s += len;
		if (!*s)
			return LGW_OK;
	}
}

/* --- parsing ------------------------------------------------------------------------------- */

struct parser {
	struct tmpl *t;
	unsigned allowed;
	size_t levels;
	bool more;
	char *why;
	size_t size;
};

static struct tmpl_part *part_add(struct tmpl *t, enum part_kind kind)
{
	t->parts = mem_grow(t->parts, t->n + 1, sizeof(*t->parts));
	t->parts[t->n] = (struct tmpl_part){ .kind = kind };
	return &t->parts[t->n++];
}

static void literal_add(struct tmpl *t, const char *s, size_t len)
{
	if (len)
		part_add(t, PART_LITERAL)->literal = mem_dupn(s, len);
}

static int use(struct parser *p, unsigned what, const char *s, size_t len)
{
	if (p->allowed & what) {
		p->t->uses |= what;
		return LGW_OK;
	}
	snprintf(p->why, p->size, "{%.*s} has no meaning here", (int)len, s);
	return LGW_EINVAL;
}

static int level_part(struct parser *p, const char *s, size_t len)
{
	bool rest = s[len - 1] == '-';
	size_t n = 0;

	for (size_t k = 0; k < len - rest; k++)
		n = n > TOPIC_LEVELS ? n : n * 10 + (size_t)(s[k] - '0');
	if (!n || n > TOPIC_LEVELS || (n > p->levels && !p->more)) {
		snprintf(p->why, p->size, "{%.*s}: the topic has %zu levels", (int)len, s,
			p->levels);
		return LGW_EINVAL;
	}
	part_add(p->t, rest ? PART_REST : PART_LEVEL)->level = n;
	return use(p, TMPL_LEVELS, s, len);
}

static int pointer_part(struct parser *p, const char *s, size_t len)
{
	struct tmpl_part *part = part_add(p->t, PART_POINTER);

	part->literal = mem_dupn(s, len);
	return pointer_parse(&part->pointer, s, len, p->why, p->size)
		       ?: use(p, TMPL_POINTERS, s, len);
}

static int word_part(struct parser *p, const char *s, size_t len)
{
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
		if (strlen(words[k].name) == len && !memcmp(words[k].name, s, len)) {
			part_add(p->t, words[k].kind);
			return use(p, words[k].use, s, len);
		}
	snprintf(p->why, p->size, "unknown {%.*s}", (int)(len > 40 ? 40 : len), s);
	return LGW_EINVAL;
}

static bool is_level(const char *s, size_t len)
{
	size_t digits = 0;

	while (digits < len && s[digits] >= '0' && s[digits] <= '9')
		digits++;
	return digits && (digits == len || (digits == len - 1 && s[digits] == '-'));
}

static bool is_word(const char *s, size_t len)
{
	for (size_t k = 0; k < len; k++)
		if (!isalnum((unsigned char)s[k]) && s[k] != '_' && s[k] != '-')
			return false;
	return len > 0;
}

int tmpl_parse(struct tmpl *t, const char *s, unsigned allowed, size_t levels, bool more, char *why,
	size_t size)
{
	struct parser p = { t, allowed, levels, more, why, size };
	const char *from = s;
	int e = LGW_OK;

	*t = (struct tmpl){ .json = s[0] == '{' || s[0] == '[' };
	while (!e && (s = strchr(s, '{')) != NULL) {
		size_t len = strcspn(s + 1, "}");
		bool level = is_level(s + 1, len), pointer = s[1] == '/';

		if (!s[1 + len] || (!level && !pointer && !is_word(s + 1, len))) {
			s++;
			continue;
		}
		literal_add(t, from, (size_t)(s - from));
		e = level     ? level_part(&p, s + 1, len)
		    : pointer ? pointer_part(&p, s + 1, len)
			      : word_part(&p, s + 1, len);
		s += len + 2;
		from = s;
	}
	literal_add(t, from, strlen(from));
	/* "{2}-x" begins with a place, not with JSON. */
	t->json = t->json && t->n && t->parts[0].kind == PART_LITERAL;
	if (e)
		tmpl_fini(t);
	return e;
}

void tmpl_fini(struct tmpl *t)
{
	for (size_t k = 0; k < t->n; k++) {
		free(t->parts[k].literal);
		pointer_fini(&t->parts[k].pointer);
	}
	free(t->parts);
	*t = (struct tmpl){ 0 };
}

bool tmpl_is_set(const struct tmpl *t)
{
	return t->n > 0;
}

bool tmpl_has_brace(const struct tmpl *t)
{
	for (size_t k = 0; k < t->n; k++)
		if (t->parts[k].kind == PART_LITERAL && strchr(t->parts[k].literal, '{'))
			return true;
	return false;
}

/* --- rendering ----------------------------------------------------------------------------- */

struct writer {
	struct text *out;
	const struct tmpl_input *in;
	bool json;
	char *why;
	size_t size;
};

static void put(struct writer *w, const char *s, size_t len)
{
	if (w->json)
		text_add_json(w->out, s, len);
	else
		text_add(w->out, s, len);
}

static int put_level(struct writer *w, const struct tmpl_part *p)
{
	const struct levels *l = w->in->levels;
	const char *end;

	if (!l || p->level > l->n) {
		snprintf(w->why, w->size, "the topic has no level %zu", p->level);
		return LGW_ENOENT;
	}
	end = p->kind == PART_REST ? l->at[l->n - 1] + l->len[l->n - 1]
				   : l->at[p->level - 1] + l->len[p->level - 1];
	put(w, l->at[p->level - 1], (size_t)(end - l->at[p->level - 1]));
	return LGW_OK;
}

static int put_value(struct writer *w, const struct lgw_value *v, bool quoted)
{
	if (v->type == LGW_BYTES) {
		snprintf(w->why, w->size, "opaque bytes cannot be written into a template");
		return LGW_EINVAL;
	}
	if (w->json && quoted && v->type == LGW_NULL)
		text_adds(w->out, "null");
	if (!w->json || v->type != LGW_TEXT) {
		text_add_value(w->out, v);
		return LGW_OK;
	}
	text_adds(w->out, quoted ? "\"" : "");
	text_add_json(w->out, v->u.s.p, v->u.s.len);
	text_adds(w->out, quoted ? "\"" : "");
	return LGW_OK;
}

static int put_pointer(struct writer *w, const struct tmpl_part *p)
{
	json_t *j = w->in->json ? pointer_get(&p->pointer, w->in->json) : NULL;
	struct lgw_value v;

	if (!j || !payload_scalar(&v, j)) {
		snprintf(w->why, w->size, "%s is not in the payload", p->literal);
		return LGW_ENOENT;
	}
	return put_value(w, &v, false);
}

static int put_part(struct writer *w, const struct tmpl_part *p)
{
	char id[24];

	switch (p->kind) {
	case PART_LITERAL:
		text_adds(w->out, p->literal);
		return LGW_OK;
	case PART_LEVEL:
	case PART_REST:
		return put_level(w, p);
	case PART_POINTER:
		return put_pointer(w, p);
	case PART_DEVICE:
		put(w, w->in->device, strlen(w->in->device));
		return LGW_OK;
	case PART_KEY:
		put(w, w->in->key, strlen(w->in->key));
		return LGW_OK;
	case PART_VALUE:
		return put_value(w, w->in->value, true);
	case PART_TEXT:
		return put_value(w, w->in->value, false);
	case PART_ID:
		snprintf(id, sizeof(id), "%" PRIu64, w->in->id);
		text_adds(w->out, id);
		return LGW_OK;
	}
	return LGW_EINTERNAL;
}

int tmpl_render(
	struct text *out, const struct tmpl *t, const struct tmpl_input *in, char *why, size_t size)
{
	struct writer w = { out, in, t->json, why, size };
	int e = LGW_OK;

	text_reset(out);
	for (size_t k = 0; !e && k < t->n; k++)
		e = put_part(&w, &t->parts[k]);
	if (!e && out->bad) {
		snprintf(why, size, "the text becomes too long");
		e = LGW_ETOOBIG;
	}
	return e;
}
