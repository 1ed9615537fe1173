/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Write cursor with a sticky error, over the caller's memory or over its own that grows up to a
 * limit. After a write that did not fit nothing more is written, and wr_err() tells LGW_ETOOBIG.
 * A window over a long text counts all that is written, and keeps only a part of it.
 */
#ifndef UTIL_WR_H
#define UTIL_WR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wr {
	uint8_t *p; /* begin of the bytes; may move when it grows */
	size_t len; /* bytes written */
	size_t cap;
	size_t max; /* growing: the limit; fixed: 0 */
	int err;
	size_t from, size; /* a window: p keeps size bytes, from here on; 0: it is none */
};

/* Over cap bytes of the caller. */
static inline struct wr wr_of(void *p, size_t cap)
{
	return (struct wr){ .p = p, .cap = cap };
}
/* Over heap memory that grows to at most max bytes; nothing is allocated before the first write. */
static inline struct wr wr_grow(size_t max)
{
	return (struct wr){ .max = max };
}
/* Free the memory of a growing one; a fixed one is only emptied. */
void wr_fini(struct wr *w);
/* Empty it, error included, keeping its memory; it is no window. */
void wr_reset(struct wr *w);
/* Until it is emptied again a growing one keeps size bytes from offset at on, of all that is
 * written. What wr_insert moves behind that offset must not be moved more than WR_SLACK bytes. */
#define WR_SLACK 12
void wr_window(struct wr *w, size_t at, size_t size);
/* What the window keeps: *at is the offset of its first byte. A loan until the next write. */
const uint8_t *wr_kept(const struct wr *w, size_t *at, size_t *len);
/* The next len bytes lie outside of the window: they are counted, and need not be made. */
bool wr_pass(struct wr *w, size_t len);
/* Hand the heap memory over to the caller (free it); NULL if nothing was written. */
uint8_t *wr_steal(struct wr *w, size_t *len);
static inline int wr_err(const struct wr *w)
{
	return w->err;
}
void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_u64(struct wr *w, uint64_t v);
/* The len (0..8) low bytes of v, big-endian. */
void wr_uint(struct wr *w, uint64_t v, size_t len);
void wr_bytes(struct wr *w, const void *p, size_t len);
void wr_str(struct wr *w, const char *s);
void wr_printf(struct wr *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Space for len bytes to be filled by the caller at once; NULL if it does not fit. Not for windows.
 */
uint8_t *wr_space(struct wr *w, size_t len);
/* Insert len bytes at offset at, moving what follows (for lengths known late). */
void wr_insert(struct wr *w, size_t at, const void *p, size_t len);

#endif
