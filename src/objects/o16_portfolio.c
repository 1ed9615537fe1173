/* SPDX-License-Identifier: BSD-3-Clause */
/* Portfolio (16): servers make its instances and fill them. */
#include "objects/state.h"
#include "util/err.h"

static int may(void *ud, uint16_t ssid, uint16_t iid)
{
	(void)ud, (void)ssid, (void)iid;
	return LGW_OK;
}

const struct object_ops object_ops_portfolio = {
	.create = may,
	.remove = may,
	.writes_make_resources = true,
};
