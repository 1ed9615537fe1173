/* SPDX-License-Identifier: BSD-3-Clause */
/* BinaryAppDataContainer (19): data of an application, in both directions. */
#include "objects/state.h"
#include "util/err.h"

enum { RES_PRIORITY = 1, RES_DESCRIPTION = 3, RES_FORMAT = 4, RES_APP_ID = 5 };

static int check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	bool good = true;

	(void)ud, (void)ssid;
	for (size_t k = 0; k < n; k++) {
		const struct value *v = &c[k].value;

		if (c[k].kind == DM_CLEAR)
			continue;
		switch (c[k].path.id[2]) {
		case RES_PRIORITY: /* "1 bytes", "2 bytes": of the number */
			good &= v->u.i >= 0 && v->u.i <= UINT8_MAX;
			break;
		case RES_APP_ID:
			good &= v->u.i >= 0 && v->u.i <= UINT16_MAX;
			break;
		case RES_DESCRIPTION:
		case RES_FORMAT:
			good &= v->u.s.len <= 32;
			break;
		default:
			break;
		}
	}
	return good ? LGW_OK : LGW_EINVAL;
}

static int may(void *ud, uint16_t ssid, uint16_t iid)
{
	(void)ud, (void)ssid, (void)iid;
	return LGW_OK;
}

const struct object_ops object_ops_appdata = {
	.check = check,
	.create = may,
	.remove = may,
	.writes_make_resources = true,
};
