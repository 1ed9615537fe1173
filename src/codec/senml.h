/* SPDX-License-Identifier: BSD-3-Clause */
/* SenML packs, whatever syntax carries them (RFC 8428 §4; LwM2M 1.1 §7.4.4). */
#ifndef CODEC_SENML_H
#define CODEC_SENML_H

#include "codec/codec.h"

#define SENML_RECORDS 10000u
#define SENML_UNIT    31 /* bytes of bu and u that count */
#define SENML_NAME    64 /* of bn and n together; a path has at most 24 */

/* Where a pack is read: to records below base, or, for a list of paths, to names. */
struct senml {
	const struct path *base;
	record_fn fn;
	path_fn paths; /* not NULL: records have no values, they name paths */
	void *ud;
	char bn[SENML_NAME];
	size_t bn_len;
	char bu[SENML_UNIT + 1]; /* empty: none */
	struct value bv;         /* VT_NONE: none */
	int64_t bver;            /* 0: not said */
	unsigned count;
};

/* The labels of one record. Texts are loans. */
struct senml_labels {
	bool has_bn, has_n, has_bu, has_u, has_bv, has_bver, refused;
	const uint8_t *bn, *n, *bu, *u;
	uint32_t bn_len, n_len, bu_len, u_len;
	struct value bv, bver, v; /* v.type VT_NONE: no value */
	unsigned values;          /* how many value fields there are */
	uint32_t seen;            /* for syntaxes that look for labels twice */
};

/* One record in the order of the pack. LGW_EINVAL, or what fn returned. */
int senml_take(struct senml *s, const struct senml_labels *l);
/* After the last one: an empty pack is none. */
int senml_end(const struct senml *s);
/* "66:0" of vlo; LGW_EINVAL. */
int senml_link(struct value *out, const uint8_t *p, uint32_t len);

/* --- encoding ------------------------------------------------------------------------------ */

/* What of the path of r is base name (the first record says it), and what its name. */
struct senml_name {
	char bn[32], n[32]; /* empty: not needed */
};
int senml_name(struct encoder *e, const struct record *r, struct senml_name *out);

#endif
