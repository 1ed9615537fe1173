/* SPDX-License-Identifier: BSD-3-Clause */
/* Connectivity Monitoring (LwM2M 1.0 E.5): what its owner knows of the network. */
#include <string.h>
#include "objects/standard.h"
#include "objects/state.h"
#include "util/err.h"

enum {
	OID = 4,
	RES_BEARER = 0,
	RES_AVAILABLE = 1,
	RES_SIGNAL = 2,
	RES_QUALITY = 3,
	RES_ADDRESSES = 4,
	RES_ROUTERS = 5,
	RES_UTILIZATION = 6,
	RES_APN = 7,
	RES_CELL = 8,
	RES_MNC = 9,
	RES_MCC = 10,
	RES_SNR = 11,
	RES_AREA = 12,
};

const struct object_ops object_ops_connectivity = { 0 };

/* Instances that are too many by now go. */
static void cut(struct dm *dm, uint16_t rid, size_t n)
{
	int32_t k = (int32_t)n - 1;

	while (dm_next(dm, &PATH_RES(OID, 0, rid), &k))
		dm_unset(dm, &PATH_RI(OID, 0, rid, k));
}

static void texts(struct dm *dm, uint16_t rid, const char t[][46], size_t n)
{
	dm_declare(dm, &PATH_RES(OID, 0, rid));
	for (size_t k = 0; k < n; k++)
		dm_set(dm, &PATH_RI(OID, 0, rid, k), &VALUE_STR(t[k]), 0);
	cut(dm, rid, n);
}

/* What is not known is not there. */
static void number(struct dm *dm, uint16_t rid, int64_t v, bool known)
{
	if (known)
		dm_set(dm, &PATH_RES(OID, 0, rid), &VALUE_INT(v), 0);
	else
		dm_unset(dm, &PATH_RES(OID, 0, rid));
}

static void apns(struct dm *dm, const struct connectivity *c)
{
	for (size_t k = 0; k < c->napns; k++)
		dm_set(dm, &PATH_RI(OID, 0, RES_APN, k), &VALUE_STR(c->apns[k]), 0);
	if (c->napns)
		cut(dm, RES_APN, c->napns);
	else
		dm_unset(dm, &PATH_RES(OID, 0, RES_APN));
}

int object_connectivity_set(struct objects *o, const struct connectivity *c)
{
	struct dm *dm = o->dm;
	int r = object_add(o, OID);

	if (r)
		return r;
	r = dm_instance_add(dm, OID, 0);
	if (r < 0 && r != LGW_EEXIST)
		return r;
	dm_set(dm, &PATH_RES(OID, 0, RES_BEARER), &VALUE_INT(c->bearer), 0);
	dm_declare(dm, &PATH_RES(OID, 0, RES_AVAILABLE));
	for (size_t k = 0; k < c->navailable; k++)
		dm_set(dm, &PATH_RI(OID, 0, RES_AVAILABLE, k), &VALUE_INT(c->available[k]), 0);
	cut(dm, RES_AVAILABLE, c->navailable);
	dm_set(dm, &PATH_RES(OID, 0, RES_SIGNAL), &VALUE_INT(c->signal_dbm), 0);
	texts(dm, RES_ADDRESSES, c->addresses, c->naddresses);
	texts(dm, RES_ROUTERS, c->routers, c->nrouters);
	number(dm, RES_QUALITY, c->quality, c->has_quality);
	number(dm, RES_CELL, c->cell, c->cell >= 0);
	number(dm, RES_MNC, c->mnc, c->mnc >= 0);
	number(dm, RES_MCC, c->mcc, c->mcc >= 0);
	number(dm, RES_SNR, c->snr, c->has_snr);
	number(dm, RES_AREA, c->area, c->area >= 0);
	apns(dm, c);
	if (c->has_utilization)
		dm_set(dm, &PATH_RES(OID, 0, RES_UTILIZATION), &VALUE_INT(c->utilization), 0);
	return LGW_OK;
}
