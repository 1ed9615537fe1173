/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of the data model as D-Bus variants, and back. */
#include "dbus/state.h"
#include "util/err.h"
#include "util/str.h"

static GVariant *text_of(const struct value *v)
{
	char buf[16];

	if (v->type == VT_OBJLNK)
		return g_variant_new_string(value_text(buf, sizeof(buf), v) > 0 ? buf : "");
	if (!str_utf8_valid(v->u.s.p, v->u.s.len))
		return g_variant_new_string("");
	return g_variant_new_take_string(g_strndup((const char *)v->u.s.p, v->u.s.len));
}

GVariant *variant_of(const struct value *v)
{
	switch (v->type) {
	case VT_INT:
	case VT_TIME:
		return g_variant_new_int64(v->u.i);
	case VT_UINT:
		return g_variant_new_uint64(v->u.u);
	case VT_FLOAT:
		return g_variant_new_double(v->u.f);
	case VT_BOOL:
		return g_variant_new_boolean(v->u.b);
	case VT_OPAQUE:
		return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, v->u.s.p, v->u.s.len, 1);
	case VT_STRING:
	case VT_CORELNK:
	case VT_OBJLNK:
		return text_of(v);
	case VT_NONE:
	case VT_RAW_BYTES:
	case VT_RAW_TEXT:
	case VT_RAW_STRING:
		break;
	}
	return g_variant_new_string("");
}

static int bytes_of(GVariant *v, enum value_type type, struct value *out)
{
	gsize len;
	const void *p = type == VT_RAW_TEXT ? (const void *)g_variant_get_string(v, &len)
					    : g_variant_get_fixed_array(v, &len, 1);

	if (len > UINT32_MAX)
		return LGW_ETOOBIG;
	out->type = type;
	out->u.s.p = p;
	out->u.s.len = (uint32_t)len;
	return LGW_OK;
}

static void unsigned_of(uint64_t u, struct value *out)
{
	*out = u > INT64_MAX ? (struct value){ VT_UINT, { .u = u } } : VALUE_INT((int64_t)u);
}

int variant_value(GVariant *v, struct value *out)
{
	switch (g_variant_classify(v)) {
	case G_VARIANT_CLASS_BOOLEAN:
		*out = VALUE_BOOL(g_variant_get_boolean(v));
		return LGW_OK;
	case G_VARIANT_CLASS_BYTE:
		*out = VALUE_INT(g_variant_get_byte(v));
		return LGW_OK;
	case G_VARIANT_CLASS_INT16:
		*out = VALUE_INT(g_variant_get_int16(v));
		return LGW_OK;
	case G_VARIANT_CLASS_UINT16:
		*out = VALUE_INT(g_variant_get_uint16(v));
		return LGW_OK;
	case G_VARIANT_CLASS_INT32:
		*out = VALUE_INT(g_variant_get_int32(v));
		return LGW_OK;
	case G_VARIANT_CLASS_UINT32:
		*out = VALUE_INT(g_variant_get_uint32(v));
		return LGW_OK;
	case G_VARIANT_CLASS_INT64:
		*out = VALUE_INT(g_variant_get_int64(v));
		return LGW_OK;
	case G_VARIANT_CLASS_UINT64:
		unsigned_of(g_variant_get_uint64(v), out);
		return LGW_OK;
	case G_VARIANT_CLASS_DOUBLE:
		*out = VALUE_FLOAT(g_variant_get_double(v));
		return LGW_OK;
	case G_VARIANT_CLASS_STRING:
		return bytes_of(v, VT_RAW_TEXT, out);
	case G_VARIANT_CLASS_ARRAY:
		if (g_variant_is_of_type(v, G_VARIANT_TYPE_BYTESTRING))
			return bytes_of(v, VT_OPAQUE, out);
		return LGW_EINVAL;
	default:
		return LGW_EINVAL;
	}
}
