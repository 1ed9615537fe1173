/* SPDX-License-Identifier: BSD-3-Clause */
/* One value of the data model as a view; whoever keeps it copies it. */
#ifndef TYPES_VALUE_H
#define TYPES_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Data types of resources (LwM2M 1.0 Appendix C, 1.1 adds VT_UINT and VT_CORELNK). */
enum value_type {
	VT_NONE, /* executable, or absent */
	VT_STRING,
	VT_INT,
	VT_UINT,
	VT_FLOAT,
	VT_BOOL,
	VT_OPAQUE,
	VT_TIME, /* seconds since 1970 in i */
	VT_OBJLNK,
	VT_CORELNK,
	/* Untyped, out of a codec that knows only the bytes; dm coerces them by the definition. */
	VT_RAW_BYTES, /* TLV */
	VT_RAW_TEXT,  /* text/plain */
	VT_RAW_STRING /* a text that may be one of opaque (base64) or link ("3:0") */
};

struct value {
	enum value_type type;
	union {
		int64_t i; /* VT_INT, VT_TIME */
		uint64_t u;
		double f;
		bool b;
		struct {
			uint16_t oid, iid;
		} link;
		struct { /* VT_STRING, VT_OPAQUE, VT_CORELNK, VT_RAW_*: borrowed */
			const uint8_t *p;
			uint32_t len;
		} s;
	} u;
};

bool value_eq(const struct value *a, const struct value *b);
/* Is it kept as bytes (u.s)? */
bool value_is_bytes(enum value_type t);
/*
 * Convert an untyped value (VT_RAW_*), or a number of another kind where nothing is lost, to a
 * type. Strict: TLV integers of 1, 2, 4, 8 bytes; booleans one byte 0/1 or "0"/"1"; text integers
 * an optional '-' and digits (CONFORMANCE: values); strings well-formed UTF-8; opaque out of
 * VT_RAW_TEXT is base64, decoded into scratch (cap bytes). LGW_EINVAL otherwise.
 */
int value_coerce(struct value *out, const struct value *in, enum value_type type, uint8_t *scratch,
	size_t cap);
/* Text for people and for text/plain (floats shortest round trip, booleans 1/0, links "3:0",
 * opaque base64). Returns its length, or LGW_ETOOBIG. */
int value_text(char *buf, size_t cap, const struct value *v);
const char *value_type_name(enum value_type t);

#define VALUE_STR(str_) \
	((struct value){ VT_STRING, { .s = { (const uint8_t *)(str_), (uint32_t)strlen(str_) } } })
#define VALUE_INT(i_)   ((struct value){ VT_INT, { .i = (i_) } })
#define VALUE_FLOAT(f_) ((struct value){ VT_FLOAT, { .f = (f_) } })
#define VALUE_BOOL(b_)  ((struct value){ VT_BOOL, { .b = (b_) } })
#define VALUE_LINK(o_, i_) \
	((struct value){ VT_OBJLNK, { .link = { (uint16_t)(o_), (uint16_t)(i_) } } })
#define VALUE_TIME(t_) ((struct value){ VT_TIME, { .i = (t_) } })

#endif
