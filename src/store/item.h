/* SPDX-License-Identifier: BSD-3-Clause */
/* A record as bytes. Pure. */
#ifndef STORE_ITEM_H
#define STORE_ITEM_H

#include "types/record.h"
#include "util/wr.h"

#define ITEM_VALUE_MAX 65536 /* bytes of a text or an opaque */

/* A time or a span of an earlier life: ms, 0 to 2^50, so that sums of some hold; the cursor fails
 * where there is something else. */
struct rd;
int64_t item_ms(struct rd *r);
void item_path(struct wr *w, const struct path *p);
int item_path_parse(const uint8_t *b, size_t len, struct path *p);
/* A value of any size, by its type; texts of the parsed one point into b. LGW_EINVAL. */
void item_value(struct wr *w, const struct value *v);
int item_value_parse(const uint8_t *b, size_t len, struct value *v);
/* Path and value; the time is kept beside. LGW_ETOOBIG. */
int item_encode(struct wr *w, const struct record *r);
/* Texts point into b. LGW_EINVAL. */
int item_decode(const uint8_t *b, size_t len, struct record *r);

#endif
