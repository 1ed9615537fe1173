/* SPDX-License-Identifier: BSD-3-Clause */
/* What it costs to read 10 MiB in blocks: the time to make a part of them, at any offset, and the
 * memory that it needs; once as ten large values, once as ten thousand small instances. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "codec/codec.h"
#include "util/err.h"
#include "util/mem.h"

#define TOTAL ((size_t)10 << 20)
#define PART  65536u
#define BLOCK 1024u

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int encode(const struct codec_ops *ops, struct wr *w, uint8_t *bytes, unsigned n)
{
	struct record r = { .value.type = VT_OPAQUE };
	struct encoder e;
	int status = codec_begin(&e, ops, ops->formats[0], &PATH_OBJ(19), w);

	r.value.u.s.p = bytes;
	r.value.u.s.len = (uint32_t)(TOTAL / n);
	for (unsigned k = 0; !status && k < n; k++) {
		r.path = PATH_RI(19, k / 10, 0, k % 10);
		status = codec_add(&e, &r);
	}
	return status ? status : codec_end(&e);
}

static int measure(int format, uint8_t *bytes, unsigned n)
{
	const struct codec_ops *ops = codec_find(format);
	struct wr w = wr_grow(TOTAL * 2);
	size_t at = 0, parts = 0;
	double t = cpu_us();
	int r;

	do {
		wr_window(&w, at, PART);
		r = encode(ops, &w, bytes, n);
		at += PART;
		parts++;
	} while (!r && at < w.len);
	t = cpu_us() - t;
	printf("{\"bench\": \"large\", \"format\": \"%s\", \"values\": %u, \"part_us\": %.1f, "
	       "\"block_us\": %.2f, \"kept_bytes\": %zu}\n",
		ops->name, n, t / (double)parts, t / (double)parts / (PART / BLOCK), w.cap);
	wr_fini(&w);
	return r;
}

int main(void)
{
	static const int formats[] = { CF_TLV, CF_JSON, CF_SENML_JSON, CF_SENML_CBOR };
	uint8_t *bytes = xcalloc(1, TOTAL);
	int r = LGW_OK;

	for (size_t f = 0; !r && f < ARRAY_SIZE(formats); f++) {
		r = measure(formats[f], bytes, 10);
		r = r ? r : measure(formats[f], bytes, 10000);
	}
	free(bytes);
	return r != LGW_OK;
}
