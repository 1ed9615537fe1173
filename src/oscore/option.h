/* SPDX-License-Identifier: BSD-3-Clause */
/* The value of the OSCORE option, pure (RFC 8613 §6.1). */
#ifndef OSCORE_OPTION_H
#define OSCORE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "util/wr.h"

#define OSCORE_PIV_MAX    5
#define OSCORE_OPTION_MAX 255

struct oscore_option {
	const uint8_t *piv, *kid_context, *kid; /* borrowed */
	uint8_t piv_len;                        /* 0: absent */
	uint8_t kid_context_len, kid_len;
	bool has_kid_context, has_kid;
};
/* LGW_EINVAL: reserved bits or lengths, or it is too short for what it announces. */
int oscore_option_decode(struct oscore_option *o, const uint8_t *p, size_t len);
void oscore_option_encode(struct wr *w, const struct oscore_option *o);

#endif
