/* SPDX-License-Identifier: BSD-3-Clause */
/* CBOR that is written as it comes, in its shortest form (RFC 8949 §4.2.1). */
#ifndef CODEC_CBORW_H
#define CODEC_CBORW_H

#include "types/value.h"
#include "util/wr.h"

void cborw_int(struct wr *w, int64_t v);
void cborw_double(struct wr *w, double v);
void cborw_text(struct wr *w, const void *p, size_t len);
void cborw_bytes(struct wr *w, const void *p, size_t len);
void cborw_bool(struct wr *w, bool v);
void cborw_map(struct wr *w, size_t pairs);
void cborw_endless_array(struct wr *w);
void cborw_break(struct wr *w);
/* VT_INT, VT_UINT, VT_TIME, VT_FLOAT. */
void cborw_number(struct wr *w, const struct value *v);
/* "66:0" as a text. */
void cborw_link(struct wr *w, const struct value *v);

#endif
