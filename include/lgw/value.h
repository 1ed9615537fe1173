/* SPDX-License-Identifier: BSD-3-Clause */
/* A reading or a command in a device's own words: a scalar or a text, without LwM2M types. */
#ifndef LGW_VALUE_H
#define LGW_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lgw_value_type {
	LGW_NULL, /* key known, value unknown; also the argument of a trigger */
	LGW_BOOL,
	LGW_INT,  /* 64 bit signed */
	LGW_REAL, /* double; never NaN or infinite */
	LGW_TEXT, /* UTF-8, len bytes, not NUL-terminated */
	LGW_BYTES /* opaque, len bytes */
};

/* A view: text and bytes are borrowed from whoever made the value. */
struct lgw_value {
	enum lgw_value_type type;
	union {
		bool b;
		int64_t i;
		double r;
		struct {
			const char *p;
			size_t len;
		} s;
	} u;
};

#ifdef __cplusplus
}
#endif
#endif
