/* SPDX-License-Identifier: BSD-3-Clause */
/* SenML in JSON and CBOR, JSON of version 1.0 and CBOR, as records and as lists of paths. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "codec/codec.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct path *base;

/* Every byte of a value is looked at: none may be out of bounds. */
static int look(void *ud, const struct record *r)
{
	uint8_t *sum = ud;

	assert(r->path.n >= 3 && path_contains(base, &r->path));
	if (value_is_bytes(r->value.type))
		for (uint32_t k = 0; k < r->value.u.s.len; k++)
			*sum = (uint8_t)(*sum + r->value.u.s.p[k]);
	return 0;
}

static int look_path(void *ud, const struct path *p)
{
	char text[PATH_TEXT_MAX];

	(void)ud;
	assert(strlen(path_text(text, p)) < sizeof(text));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int formats[] = { CF_CBOR, CF_SENML_JSON, CF_SENML_CBOR, CF_JSON };
	struct path p = PATH_RI(3, 0, 11, 0);
	uint8_t sum = 0;

	base = &p; /* of look, until we return */
	for (size_t f = 0; f < ARRAY_SIZE(formats); f++) {
		const struct codec_ops *ops = codec_find(formats[f]);

		for (p.n = 0; p.n <= 4; p.n++)
			ops->decode(&p, data, size, look, &sum);
		if (ops->paths)
			ops->paths(data, size, look_path, NULL);
	}
	base = NULL;
	return 0;
}
