/* SPDX-License-Identifier: BSD-3-Clause */
/* A record as bytes. Pure. */
#ifndef STORE_ITEM_H
#define STORE_ITEM_H

#include "types/record.h"
#include "util/wr.h"

#define ITEM_VALUE_MAX 65536 /* bytes of a text or an opaque */

void item_path(struct wr *w, const struct path *p);
int item_path_parse(const uint8_t *b, size_t len, struct path *p);
/* Path and value; the time is kept beside. LGW_ETOOBIG. */
int item_encode(struct wr *w, const struct record *r);
/* Texts point into b. LGW_EINVAL. */
int item_decode(const uint8_t *b, size_t len, struct record *r);

#endif
