/* SPDX-License-Identifier: BSD-3-Clause */
/* Arguments of Execute: 0,1='x' (LwM2M 1.0 §5.4.5). */
#ifndef DM_ARGS_H
#define DM_ARGS_H

#include "dm/object.h"

#define DM_ARGS_MAX 10 /* one per digit */

/* Values point into p. A digit twice, or anything off the grammar: LGW_EINVAL. */
int dm_args_parse(const uint8_t *p, size_t len, struct dm_arg *out, size_t *n);

#endif
