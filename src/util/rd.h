/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Read cursor with a sticky error: read ten fields, check once. After a read beyond the end every
 * further read gives 0 or NULL, and rd_err() tells. Integers are big-endian. Borrows its bytes.
 */
#ifndef UTIL_RD_H
#define UTIL_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd {
	const uint8_t *p, *end;
	int err;
};

static inline struct rd rd_of(const void *p, size_t len)
{
	const uint8_t *b = p;
	return (struct rd){ b, b ? b + len : b, 0 };
}
static inline size_t rd_left(const struct rd *r)
{
	return r->err ? 0 : (size_t)(r->end - r->p);
}
static inline int rd_err(const struct rd *r)
{
	return r->err;
}
/* Make the cursor fail with this status (the first failure stays). */
void rd_fail(struct rd *r, int status);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u32(struct rd *r);
uint64_t rd_u64(struct rd *r);
/* Unsigned integer of len (0..8) bytes. */
uint64_t rd_uint(struct rd *r, size_t len);
/* Loan of the next len bytes, or NULL. */
const uint8_t *rd_bytes(struct rd *r, size_t len);
/* A cursor over the next len bytes, which are consumed here; failed if there are fewer. */
struct rd rd_sub(struct rd *r, size_t len);
/* The next byte without consuming it; -1 at the end. */
int rd_peek(const struct rd *r);

#endif
