/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Write cursor with a sticky error, over the caller's memory or over its own that grows up to a
 * limit. After a write that did not fit nothing more is written, and wr_err() tells LGW_ETOOBIG.
 */
#ifndef UTIL_WR_H
#define UTIL_WR_H

#include <stddef.h>
#include <stdint.h>

struct wr {
	uint8_t *p; /* begin of the bytes; may move when it grows */
	size_t len; /* bytes written */
	size_t cap;
	size_t max; /* growing: the limit; fixed: 0 */
	int err;
};

/* Over cap bytes of the caller. */
static inline struct wr wr_of(void *p, size_t cap)
{
	return (struct wr){ p, 0, cap, 0, 0 };
}
/* Over heap memory that grows to at most max bytes; nothing is allocated before the first write. */
static inline struct wr wr_grow(size_t max)
{
	return (struct wr){ NULL, 0, 0, max, 0 };
}
/* Free the memory of a growing one; a fixed one is only emptied. */
void wr_fini(struct wr *w);
/* Empty it, error included, keeping its memory. */
void wr_reset(struct wr *w);
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
/* Space for len bytes to be filled by the caller at once; NULL if it does not fit. */
uint8_t *wr_space(struct wr *w, size_t len);
/* Insert len bytes at offset at, moving what follows (for lengths known late). */
void wr_insert(struct wr *w, size_t at, const void *p, size_t len);

#endif
