/* SPDX-License-Identifier: BSD-3-Clause */
/* SenML JSON (RFC 8428 §5; LwM2M 1.1 §7.4.4) and, for lists of paths, SenML-ETCH JSON (RFC 8790).
 */
#include <stdlib.h>
#include <string.h>
#include "codec/formats.h"
#include "codec/jsonr.h"
#include "codec/jsonw.h"
#include "codec/senml.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/mem.h"

static int any(const struct path *base)
{
	(void)base;
	return LGW_OK;
}

/* --- encoding ------------------------------------------------------------------------------ */

static int begin(struct encoder *e)
{
	wr_u8(e->w, '[');
	return LGW_OK;
}

static void label(struct encoder *e, unsigned *fields, const char *name)
{
	wr_printf(e->w, "%s\"%s\":", (*fields)++ ? "," : "", name);
}

static int put_value(struct encoder *e, unsigned *fields, const struct value *v)
{
	switch (v->type) {
	case VT_STRING:
	case VT_CORELNK:
		label(e, fields, "vs");
		jsonw_text(e->w, v->u.s.p, v->u.s.len);
		return LGW_OK;
	case VT_INT:
	case VT_UINT:
	case VT_TIME:
	case VT_FLOAT:
		label(e, fields, "v");
		jsonw_number(e->w, v);
		return LGW_OK;
	case VT_BOOL:
		label(e, fields, "vb");
		wr_str(e->w, v->u.b ? "true" : "false");
		return LGW_OK;
	case VT_OPAQUE:
		label(e, fields, "vd");
		jsonw_base64(e->w, v->u.s.p, v->u.s.len, true);
		return LGW_OK;
	case VT_OBJLNK:
		label(e, fields, "vlo");
		wr_printf(e->w, "\"%u:%u\"", v->u.link.oid, v->u.link.iid);
		return LGW_OK;
	default:
		return LGW_EINTERNAL;
	}
}

static int add(struct encoder *e, const struct record *r)
{
	struct senml_name name;
	unsigned fields = 0;
	bool first = !e->count;
	int status;

	if (r->value.type == VT_NONE) /* what is there but empty has no record */
		return LGW_OK;
	status = senml_name(e, r, &name);
	if (status)
		return status;
	wr_str(e->w, first ? "{" : ",{");
	if (*name.bn) {
		label(e, &fields, "bn");
		wr_printf(e->w, "\"%s\"", name.bn);
	}
	if (*name.n) {
		label(e, &fields, "n");
		wr_printf(e->w, "\"%s\"", name.n);
	}
	status = put_value(e, &fields, &r->value);
	if (e->times && r->time_ms) {
		label(e, &fields, "t");
		jsonw_seconds(e->w, r->time_ms);
	}
	wr_u8(e->w, '}');
	return status;
}

static int end(struct encoder *e)
{
	wr_u8(e->w, ']');
	return LGW_OK;
}

/* --- decoding ------------------------------------------------------------------------------ */

/* RFC 4648 §5, without padding; LGW_EINVAL. *out is heap memory. */
static int base64url(const json_t *j, uint8_t **out, uint32_t *len)
{
	size_t n = json_string_length(j);
	bool ok = json_is_string(j) && n % 4 != 1;
	char *std;
	int r;

	if (!ok)
		return LGW_EINVAL;
	std = xmalloc(n + 4);
	memcpy(std, json_string_value(j), n);
	for (size_t k = 0; k < n; k++) {
		ok = ok && std[k] != '+' && std[k] != '/' && std[k] != '=';
		std[k] = std[k] == '-' ? '+' : std[k] == '_' ? '/' : std[k];
	}
	while (n % 4)
		std[n++] = '=';
	*out = xmalloc(n / 4 * 3 + 1);
	r = ok ? base64_decode(*out, n / 4 * 3, std, n) : LGW_EINVAL;
	free(std);
	*len = r < 0 ? 0 : (uint32_t)r;
	return r < 0 ? r : LGW_OK;
}

/* The value fields; *data is what vd decodes to. */
static void value_of(const json_t *j, struct senml_labels *l, uint8_t **data)
{
	const json_t *v = json_object_get(j, "v"), *vs = json_object_get(j, "vs"),
		     *vb = json_object_get(j, "vb"), *vd = json_object_get(j, "vd"),
		     *vlo = json_object_get(j, "vlo");
	const uint8_t *p;
	uint32_t len;

	l->values = (v != NULL) + (vs != NULL) + (vb != NULL) + (vd != NULL) + (vlo != NULL) +
		    (json_object_get(j, "s") ? 2 : 0); /* sums are not LwM2M's */
	if (v && !jsonr_number(v, &l->v))
		l->refused = true;
	if (vs) {
		l->v.type = VT_STRING;
		l->refused |= !jsonr_text(vs, &l->v.u.s.p, &l->v.u.s.len);
	}
	if (vb) {
		l->v = VALUE_BOOL(json_is_true(vb));
		l->refused |= !json_is_boolean(vb);
	}
	if (vd) {
		l->refused |= base64url(vd, data, &l->v.u.s.len) != LGW_OK;
		l->v.type = VT_OPAQUE;
		l->v.u.s.p = *data;
	}
	if (vlo)
		l->refused |= !jsonr_text(vlo, &p, &len) || senml_link(&l->v, p, len);
}

/* What is to be a number, if it is there. */
static bool bad_number(const json_t *j, const char *label, struct value *out, bool *has)
{
	const json_t *v = json_object_get(j, label);

	*has = v != NULL;
	return v && !jsonr_number(v, out);
}

static void labels_of(json_t *j, struct senml_labels *l, uint8_t **data)
{
	const json_t *bn = json_object_get(j, "bn"), *n = json_object_get(j, "n"),
		     *bu = json_object_get(j, "bu"), *u = json_object_get(j, "u");
	struct value ignored;
	const char *name;
	json_t *member;
	bool has;

	l->has_bn = bn != NULL;
	l->has_n = n != NULL;
	l->has_bu = bu != NULL;
	l->has_u = u != NULL;
	l->refused = (bn && !jsonr_text(bn, &l->bn, &l->bn_len)) ||
		     (n && !jsonr_text(n, &l->n, &l->n_len)) ||
		     (bu && !jsonr_text(bu, &l->bu, &l->bu_len)) ||
		     (u && !jsonr_text(u, &l->u, &l->u_len)) ||
		     bad_number(j, "bv", &l->bv, &l->has_bv) ||
		     bad_number(j, "bver", &l->bver, &l->has_bver) ||
		     bad_number(j, "t", &ignored, &has) || bad_number(j, "bt", &ignored, &has) ||
		     bad_number(j, "ut", &ignored, &has);
	json_object_foreach(j, name, member)
	{
		size_t len = strlen(name);

		/* A label of an extension that must be understood (§4.4). */
		l->refused |= len && name[len - 1] == '_';
	}
	value_of(j, l, data);
}

static int take(struct senml *s, json_t *j)
{
	struct senml_labels l = { .refused = false };
	uint8_t *data = NULL;
	int r = LGW_EINVAL;

	if (json_is_object(j)) {
		labels_of(j, &l, &data);
		r = senml_take(s, &l);
	}
	free(data);
	return r;
}

static int pack(struct senml *s, const uint8_t *p, size_t len)
{
	json_t *root = jsonr_load(p, len);
	int r = json_is_array(root) ? LGW_OK : LGW_EINVAL;

	for (size_t k = 0; !r && k < json_array_size(root); k++)
		r = take(s, json_array_get(root, k));
	r = r ? r : senml_end(s);
	json_decref(root);
	return r;
}

static int decode(const struct path *base, const uint8_t *p, size_t len, record_fn fn, void *ud)
{
	struct senml s = { .base = base, .fn = fn, .ud = ud };

	return pack(&s, p, len);
}

static int paths(const uint8_t *p, size_t len, path_fn fn, void *ud)
{
	struct senml s = { .paths = fn, .ud = ud };

	return pack(&s, p, len);
}

const struct codec_ops codec_ops_senml_json = {
	.formats = { CF_SENML_JSON, CF_SENML_ETCH_JSON },
	.timed = true,
	.name = "senml-json",
	.can = any,
	.begin = begin,
	.add = add,
	.end = end,
	.decode = decode,
	.paths = paths,
};
