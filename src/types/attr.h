/* SPDX-License-Identifier: BSD-3-Clause */
/* Notification attributes (LwM2M 1.0 §5.1.2, 1.1 §7.3.2). */
#ifndef TYPES_ATTR_H
#define TYPES_ATTR_H

#include <stddef.h>
#include <stdint.h>

enum attr_bit {
	ATTR_PMIN = 1u << 0,
	ATTR_PMAX = 1u << 1,
	ATTR_GT = 1u << 2,
	ATTR_LT = 1u << 3,
	ATTR_ST = 1u << 4,
	ATTR_EPMIN = 1u << 5,
	ATTR_EPMAX = 1u << 6,
	ATTR_CON = 1u << 7
};

struct attrs {
	unsigned set;                     /* ATTR_* that have a value */
	int64_t pmin, pmax, epmin, epmax; /* seconds */
	double gt, lt, st;
	uint8_t con; /* 0, 1 */
};

/* A change as a query of Write-Attributes tells it: values set, and values taken back ("pmin"). */
struct attrs_change {
	struct attrs to;
	unsigned unset;
};

/* One Uri-Query ("pmin=10", "gt") into the change; unknown, repeated or ill-formed: LGW_EINVAL. */
int attr_parse(struct attrs_change *c, const char *s, size_t len);
/* Text as Discover shows it, ";pmin=10;gt=23.5"; returns the length or LGW_ETOOBIG. */
int attr_text(char *buf, size_t cap, const struct attrs *a);

#endif
