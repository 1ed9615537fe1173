/* SPDX-License-Identifier: BSD-3-Clause */
/* LwM2M JSON of version 1.0 (§6.4.4): {"bn":"/3/0/","e":[{"n":"0","sv":"…"}, …]}. */
#include <string.h>
#include "codec/formats.h"
#include "codec/jsonr.h"
#include "codec/jsonw.h"
#include "codec/senml.h"
#include "util/err.h"

static int any(const struct path *base)
{
	(void)base;
	return LGW_OK;
}

/* --- encoding ------------------------------------------------------------------------------ */

/* A base name that no record says: nothing is there to be read. */
static void head(struct encoder *e, const char *bn)
{
	char base[PATH_TEXT_MAX];

	if (*bn)
		wr_printf(e->w, "{\"bn\":\"%s\",\"e\":[", bn);
	else
		wr_printf(e->w, "{\"bn\":\"%s/\",\"e\":[",
			e->base.n ? path_text(base, &e->base) : "");
}

static int put_value(struct wr *w, const struct value *v)
{
	switch (v->type) {
	case VT_STRING:
	case VT_CORELNK:
		wr_str(w, "\"sv\":");
		jsonw_text(w, v->u.s.p, v->u.s.len);
		return LGW_OK;
	case VT_OPAQUE:
		wr_str(w, "\"sv\":");
		jsonw_base64(w, v->u.s.p, v->u.s.len, false);
		return LGW_OK;
	case VT_INT:
	case VT_UINT:
	case VT_TIME:
	case VT_FLOAT:
		wr_str(w, "\"v\":");
		jsonw_number(w, v);
		return LGW_OK;
	case VT_BOOL:
		wr_str(w, v->u.b ? "\"bv\":true" : "\"bv\":false");
		return LGW_OK;
	case VT_OBJLNK:
		wr_printf(w, "\"ov\":\"%u:%u\"", v->u.link.oid, v->u.link.iid);
		return LGW_OK;
	default:
		return LGW_EINTERNAL;
	}
}

static int add(struct encoder *e, const struct record *r)
{
	bool first = !e->count;
	struct senml_name name;
	int status;

	if (r->value.type == VT_NONE)
		return LGW_OK;
	status = senml_name(e, r, &name);
	if (status)
		return status;
	if (first)
		head(e, name.bn);
	wr_str(e->w, first ? "{" : ",{");
	if (*name.n)
		wr_printf(e->w, "\"n\":\"%s\",", name.n + !e->base.n); /* "/" is the base's */
	status = put_value(e->w, &r->value);
	if (e->times && r->time_ms) { /* no bt: t is the time itself */
		wr_str(e->w, ",\"t\":");
		jsonw_seconds(e->w, r->time_ms);
	}
	wr_u8(e->w, '}');
	return status;
}

static int end(struct encoder *e)
{
	if (!e->count)
		head(e, "");
	wr_str(e->w, "]}");
	return LGW_OK;
}

/* --- decoding ------------------------------------------------------------------------------ */

static int value_of(const json_t *j, struct senml_labels *l)
{
	const json_t *v = json_object_get(j, "v"), *sv = json_object_get(j, "sv"),
		     *bv = json_object_get(j, "bv"), *ov = json_object_get(j, "ov");
	const uint8_t *p;
	uint32_t len;

	l->values = (v != NULL) + (sv != NULL) + (bv != NULL) + (ov != NULL);
	if (l->values != 1)
		return LGW_EINVAL;
	if (v)
		return jsonr_number(v, &l->v) ? LGW_OK : LGW_EINVAL;
	if (bv) {
		l->v = VALUE_BOOL(json_is_true(bv));
		return json_is_boolean(bv) ? LGW_OK : LGW_EINVAL;
	}
	if (ov)
		return jsonr_text(ov, &p, &len) ? senml_link(&l->v, p, len) : LGW_EINVAL;
	l->v.type = VT_RAW_STRING; /* a text, or the base64 of what is opaque */
	return jsonr_text(sv, &l->v.u.s.p, &l->v.u.s.len) ? LGW_OK : LGW_EINVAL;
}

/* Only notifications carry times (§6.4.4). */
static int take(struct senml *s, const json_t *j, const struct senml_labels *base)
{
	const json_t *n = json_object_get(j, "n");
	struct senml_labels l = *base;

	if (!json_is_object(j) || json_object_get(j, "t") || value_of(j, &l))
		return LGW_EINVAL;
	l.has_n = n != NULL;
	if (n && !jsonr_text(n, &l.n, &l.n_len))
		return LGW_EINVAL;
	return senml_take(s, &l);
}

static int decode(const struct path *base, const uint8_t *p, size_t len, record_fn fn, void *ud)
{
	struct senml s = { .base = base, .fn = fn, .ud = ud };
	struct senml_labels l = { .has_bn = true };
	json_t *root = jsonr_load(p, len);
	const json_t *e = json_object_get(root, "e"), *bn = json_object_get(root, "bn");
	char from_base[PATH_TEXT_MAX + 1];
	int r = LGW_OK;

	/* Without a base name the names are below what was written to. */
	path_text(from_base, base);
	l.bn = (const uint8_t *)from_base;
	l.bn_len = (uint32_t)strlen(from_base);
	if (!json_is_array(e) || json_object_get(root, "bt") ||
		(bn && !jsonr_text(bn, &l.bn, &l.bn_len)))
		r = LGW_EINVAL;
	if (!bn && json_object_get(json_array_get(e, 0), "n"))
		from_base[l.bn_len++] = '/';
	for (size_t k = 0; !r && k < json_array_size(e); k++)
		r = take(&s, json_array_get(e, k), &l);
	r = r ? r : senml_end(&s);
	json_decref(root);
	return r;
}

const struct codec_ops codec_ops_json = {
	.formats = { CF_JSON, CF_JSON_OLD },
	.timed = true,
	.name = "json",
	.can = any,
	.add = add,
	.end = end,
	.decode = decode,
};
