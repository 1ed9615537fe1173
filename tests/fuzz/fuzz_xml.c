/* SPDX-License-Identifier: BSD-3-Clause */
/* Object definitions. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include "dm/objdef.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct objdefs *s = objdefs_new();
	const struct objdef *d;
	char text[256];
	size_t it = 0;

	objdefs_load_mem(s, "fuzz", data, size, text, sizeof(text));
	while ((d = objdefs_next(s, &it)))
		for (unsigned k = 0; k < d->nres; k++)
			assert(objdef_res(d, d->res[k].id) != NULL);
	objdefs_unref(s);
	return 0;
}
