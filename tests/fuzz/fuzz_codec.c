/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every decoder over the same bytes, written to an object, an instance, a resource and a resource
 * instance. What is accepted must come out of the encoder so that it reads back the same.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <lgw/status.h>
#include "codec/codec.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORDS_MAX 512

struct seen {
	struct record rec[RECORDS_MAX];
	size_t n;
};

static int keep(void *ud, const struct record *r)
{
	struct seen *s = ud;

	if (s->n == RECORDS_MAX || r->path.id[1] == PATH_ID_NONE)
		return LGW_ENOMEM;
	s->rec[s->n++] = *r;
	return LGW_OK;
}

static void again(const struct codec_ops *ops, const struct path *base, const struct seen *s)
{
	struct wr w = wr_grow(1 << 20);
	struct encoder e;
	struct seen *t = xcalloc(1, sizeof(*t));
	int r = codec_begin(&e, ops, ops->formats[0], base, &w);

	for (size_t i = 0; i < s->n && !r; i++)
		r = codec_add(&e, &s->rec[i]);
	r = r ? r : codec_end(&e);
	assert(!r);
	assert(!ops->decode(base, w.p, w.len, keep, t));
	assert(t->n == s->n);
	for (size_t i = 0; i < s->n; i++) {
		assert(path_eq(&s->rec[i].path, &t->rec[i].path));
		assert(value_eq(&s->rec[i].value, &t->rec[i].value));
	}
	free(t);
	wr_fini(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int formats[] = { CF_TEXT, CF_OPAQUE, CF_TLV };
	struct path base = PATH_RI(3, 0, 11, 0);
	struct seen *s = xcalloc(1, sizeof(*s));

	for (size_t f = 0; f < ARRAY_SIZE(formats); f++) {
		const struct codec_ops *ops = codec_find(formats[f]);

		for (base.n = 0; base.n <= 4; base.n++) {
			s->n = 0;
			if (!ops->decode(&base, data, size, keep, s) && s->n)
				again(ops, &base, s);
		}
	}
	free(s);
	return 0;
}
