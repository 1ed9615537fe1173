/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts and bytes of values, paths and attributes. What is accepted must read back the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "types/attr.h"
#include "types/path.h"
#include "types/value.h"
#include "util/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_path(const char *s, size_t len)
{
	struct path p, again;
	char text[PATH_TEXT_MAX];

	if (path_parse(&p, s, len))
		return;
	path_text(text, &p);
	assert(!path_parse(&again, text, strlen(text)));
	assert(path_eq(&p, &again));
}

static void try_value(const struct value *in)
{
	uint8_t scratch[256];
	char text[4096];
	struct value v;

	for (int t = VT_NONE; t <= VT_CORELNK; t++) {
		if (value_coerce(&v, in, (enum value_type)t, scratch, sizeof(scratch)))
			continue;
		assert(v.type == (enum value_type)t);
		assert(value_eq(&v, &v));
		value_text(text, sizeof(text), &v);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct value v = { .type = VT_RAW_TEXT };
	struct attrs_change c = { 0 };
	char text[128];

	try_path((const char *)data, size);
	v.u.s.p = data;
	v.u.s.len = (uint32_t)size;
	try_value(&v);
	v.type = VT_RAW_BYTES;
	try_value(&v);
	if (!attr_parse(&c, (const char *)data, size))
		assert(attr_text(text, sizeof(text), &c.to) >= 0);
	str_printable(text, sizeof(text), data, size);
	assert(str_utf8_valid(text, strlen(text)));
	return 0;
}
