/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Content formats. One file per format ends in one const struct codec_ops; codec_find is the
 * registry. Codecs know records, not definitions: decoded values may be VT_RAW_*.
 */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "types/format.h"
#include "types/record.h"
#include "util/wr.h"

/* An encoder at work; made on the stack by codec_begin. */
struct encoder {
	const struct codec_ops *ops;
	struct wr *w;
	struct path base; /* what was asked for */
	int format;       /* the number asked for */
	/* for the format's own use */
	struct path last;
	size_t mark[3];
	unsigned state, count;
	/* Set by the caller after codec_begin: each record says its time, where the format can. */
	bool times;
};

/* Takes one path (a loan); not 0 stops the producer, which returns that status. */
typedef int (*path_fn)(void *ud, const struct path *p);

struct codec_ops {
	int formats[2]; /* Content-Format numbers, the second an old one or of SenML-ETCH; CF_NONE
			   ends */
	const char *name;
	bool timed; /* says the time of each record if it is asked to */
	/* Can it hold this path's representation (text: one resource only)? LGW_OK, LGW_EACCEPT. */
	int (*can)(const struct path *base);
	int (*begin)(struct encoder *e);
	/* Records come in depth-first order, typed, all at or below base. LGW_EACCEPT: this format
	 * cannot say it (text, opaque: exactly one value); LGW_ETOOBIG. begin and end may be NULL.
	 * w may be a window on a long answer: what was written is not looked at again, and lengths
	 * that are known late are inserted within WR_SLACK.
	 */
	int (*add)(struct encoder *e, const struct record *r);
	int (*end)(struct encoder *e);
	/*
	 * Decode a body written to base: each record to fn. LGW_EINVAL when ill-formed, or what fn
	 * returned. Values point into p. Linear in len, depth and count bounded. Where base is an
	 * object and the body names no instance (Create), records carry PATH_ID_NONE as its id. An
	 * instance or a multiple resource that is there but empty is one record of VT_NONE.
	 */
	int (*decode)(
		const struct path *base, const uint8_t *p, size_t len, record_fn fn, void *ud);
	/* A list of paths, of Read-Composite; NULL: this format has none. LGW_EINVAL. */
	int (*paths)(const uint8_t *p, size_t len, path_fn fn, void *ud);
};

/* The ops for a Content-Format, or NULL. */
const struct codec_ops *codec_find(int format);
/* The numbers of all formats, "0 42 11542", as ct= of a link tells them. */
void codec_list(struct wr *w);
/*
 * Can a whole that is read or written be in this format: ops->can, and not SenML-ETCH, which is for
 * the bodies of composite requests alone (RFC 8790 §3; LwM2M 1.1 §7.4)? LGW_OK, LGW_EACCEPT.
 */
int codec_can(const struct codec_ops *ops, int format, const struct path *base);
int codec_begin(struct encoder *e, const struct codec_ops *ops, int format, const struct path *base,
	struct wr *w);
int codec_add(struct encoder *e, const struct record *r);
int codec_end(struct encoder *e);

#endif
