/* SPDX-License-Identifier: BSD-3-Clause */
/* CBOR item by item, by libcbor's streaming decoder: nothing is allocated, whatever a head says. */
#ifndef CODEC_CBORR_H
#define CODEC_CBORR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cborr_kind {
	CBORR_NONE, /* undefined, simple values, and what is not read here */
	CBORR_UINT, /* u */
	CBORR_NINT, /* -1 - u */
	CBORR_FLOAT,
	CBORR_BOOL,
	CBORR_NULL,
	CBORR_TEXT,  /* p, len: a loan from the input */
	CBORR_BYTES, /* likewise */
	CBORR_ARRAY, /* u items follow, or endless */
	CBORR_MAP,   /* u pairs follow, or endless */
	CBORR_TAG,   /* u */
	CBORR_BREAK  /* ends what is endless */
};

struct cborr_item {
	enum cborr_kind kind;
	uint64_t u;
	double f;
	bool b, endless;
	const uint8_t *p;
	size_t len;
};

struct cborr {
	const uint8_t *p, *end;
	int err; /* sticky */
};

/* The head of the next item, with its bytes if it has any; false: ill-formed, or too short. Texts
 * in pieces are not read. */
bool cborr_next(struct cborr *r, struct cborr_item *item);
/* Pass over the rest of an item whose head was read; depth and number of items are bounded. */
bool cborr_skip(struct cborr *r, const struct cborr_item *item);

#endif
