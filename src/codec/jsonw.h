/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON that is written as it comes (RFC 8259): numbers read back exactly as they were. */
#ifndef CODEC_JSONW_H
#define CODEC_JSONW_H

#include "types/value.h"
#include "util/wr.h"

/* A text with its quotes; p is well-formed UTF-8. */
void jsonw_text(struct wr *w, const void *p, size_t len);
/* VT_INT, VT_UINT, VT_TIME, VT_FLOAT. */
void jsonw_number(struct wr *w, const struct value *v);
/* Milliseconds as seconds: 1700000000.25. */
void jsonw_seconds(struct wr *w, int64_t ms);
/* Base64 with its quotes: the standard alphabet with padding, or the one for URLs without. */
void jsonw_base64(struct wr *w, const void *p, size_t len, bool url);

#endif
