/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/wr.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "util/mem.h"

#define FIRST_CAP 64

void wr_fini(struct wr *w)
{
	if (w->max) {
		free(w->p);
		w->p = NULL;
		w->cap = 0;
	}
	wr_reset(w);
}

void wr_reset(struct wr *w)
{
	w->len = w->from = w->size = 0;
	w->err = 0;
}

uint8_t *wr_steal(struct wr *w, size_t *len)
{
	uint8_t *p = w->p;

	*len = w->len;
	w->p = NULL;
	w->cap = 0;
	wr_reset(w);
	return p;
}

/* Memory for so many bytes in all, at most max. */
static void grow(struct wr *w, size_t need)
{
	size_t cap = w->cap ? w->cap : FIRST_CAP;

	if (need <= w->cap)
		return;
	while (cap < need)
		cap = cap > w->max / 2 ? w->max : cap * 2;
	w->p = xreallocarray(w->p, cap, 1);
	w->cap = cap;
}

static int make_room(struct wr *w, size_t len)
{
	if (w->err)
		return w->err;
	if (len <= w->cap - w->len)
		return 0;
	if (!w->max || len > w->max - w->len)
		return w->err = LGW_ETOOBIG;
	grow(w, w->len + len);
	return 0;
}

/* --- windows ------------------------------------------------------------------------------- */

void wr_window(struct wr *w, size_t at, size_t size)
{
	wr_reset(w);
	w->from = at > WR_SLACK ? at - WR_SLACK : 0;
	w->size = at + size - w->from;
}

/* Bytes that it keeps. */
static size_t held(const struct wr *w)
{
	size_t n = w->len > w->from ? w->len - w->from : 0;

	return n < w->size ? n : w->size;
}

const uint8_t *wr_kept(const struct wr *w, size_t *at, size_t *len)
{
	*at = w->from;
	*len = w->size ? held(w) : w->len;
	return w->p;
}

bool wr_pass(struct wr *w, size_t len)
{
	if (!w->size || (w->len + len > w->from && w->len < w->from + w->size))
		return false;
	w->len += len;
	return true;
}

static void window_bytes(struct wr *w, const uint8_t *p, size_t len)
{
	size_t skip = w->len < w->from ? w->from - w->len : 0, n = held(w);

	if (w->err || !len || wr_pass(w, len))
		return;
	w->len += len;
	grow(w, held(w));
	memcpy(w->p + n, p + skip, held(w) - n);
}

/* What is inserted before the window moves all of it; at its end something drops out. */
static void window_insert(struct wr *w, size_t at, const uint8_t *p, size_t len)
{
	size_t n = held(w), room;

	w->len += len;
	if (at >= w->from + w->size)
		return;
	if (at < w->from) {
		if (n)
			w->from += len;
		else if (w->len > w->from)
			w->from = w->len;
		return;
	}
	grow(w, held(w));
	at -= w->from;
	room = held(w) - at;
	if (room > len)
		memmove(w->p + at + len, w->p + at, n - at < room - len ? n - at : room - len);
	memcpy(w->p + at, p, len < room ? len : room);
}

/* --- writing ------------------------------------------------------------------------------- */

uint8_t *wr_space(struct wr *w, size_t len)
{
	uint8_t *p;

	if (make_room(w, len))
		return NULL;
	p = w->p + w->len;
	w->len += len;
	return p;
}

void wr_bytes(struct wr *w, const void *p, size_t len)
{
	uint8_t *to = len && !w->size ? wr_space(w, len) : NULL;

	if (w->size)
		window_bytes(w, p, len);
	else if (to)
		memcpy(to, p, len);
}

void wr_str(struct wr *w, const char *s)
{
	wr_bytes(w, s, strlen(s));
}

void wr_uint(struct wr *w, uint64_t v, size_t len)
{
	uint8_t b[8];

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)(v >> 8 * (len - 1 - i));
	wr_bytes(w, b, len);
}

void wr_u8(struct wr *w, uint8_t v)
{
	wr_uint(w, v, 1);
}

void wr_u16(struct wr *w, uint16_t v)
{
	wr_uint(w, v, 2);
}

void wr_u32(struct wr *w, uint32_t v)
{
	wr_uint(w, v, 4);
}

void wr_u64(struct wr *w, uint64_t v)
{
	wr_uint(w, v, 8);
}

void wr_printf(struct wr *w, const char *fmt, ...)
{
	char small[128];
	char *text = small;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(small)) {
		va_start(ap, fmt);
		n = vasprintf(&text, fmt, ap);
		va_end(ap);
	}
	if (n < 0) {
		w->err = w->err ? w->err : LGW_EINTERNAL;
		return;
	}
	wr_bytes(w, text, (size_t)n);
	if (text != small)
		free(text);
}

void wr_insert(struct wr *w, size_t at, const void *p, size_t len)
{
	if (w->size)
		window_insert(w, at, p, len);
	if (w->size || !len || !wr_space(w, len))
		return;
	memmove(w->p + at + len, w->p + at, w->len - len - at);
	memcpy(w->p + at, p, len);
}
