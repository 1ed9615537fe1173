/* SPDX-License-Identifier: BSD-3-Clause */
/* Links of the data model in link format: Register, Discover, Bootstrap-Discover. */
#ifndef LWM2M_LINKS_H
#define LWM2M_LINKS_H

#include "codec/link.h"
#include "dm/dm.h"

/* dm_link_fn: one more link with all that is said of it; ud is a struct link_writer. */
int links_put(void *ud, const struct dm_link *l);

#endif
