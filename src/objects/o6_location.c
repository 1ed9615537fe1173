/* SPDX-License-Identifier: BSD-3-Clause */
/* Location (LwM2M 1.0 E.7). */
#include <math.h>
#include <string.h>
#include "objects/standard.h"
#include "objects/state.h"
#include "util/err.h"

enum {
	OID = 6,
	RES_LATITUDE = 0,
	RES_LONGITUDE = 1,
	RES_ALTITUDE = 2,
	RES_RADIUS = 3,
	RES_VELOCITY = 4,
	RES_TIMESTAMP = 5,
	RES_SPEED = 6,
};

const struct object_ops object_ops_location = { 0 };

/* m/s as whole km/h, as far as the field goes. */
static unsigned kmh(double v, unsigned max)
{
	double x = round(fabs(v) * 3.6);

	return x > max ? max : (unsigned)x;
}

size_t location_velocity(uint8_t out[5], const struct location *l)
{
	unsigned bearing, speed;
	bool vertical = !isnan(l->climb);

	if (!(l->speed >= 0) || !isfinite(l->heading))
		return 0;
	bearing = (unsigned)round(fmod(fmod(l->heading, 360) + 360, 360)) % 360;
	speed = kmh(l->speed, UINT16_MAX);
	/* Type in the high half: 0 horizontal, 1 with vertical; then direction (1: down), and the
	 * ninth bit of the bearing. */
	out[0] = (uint8_t)((vertical ? 0x10 : 0) | (vertical && l->climb < 0 ? 2 : 0) |
			   bearing >> 8);
	out[1] = (uint8_t)bearing;
	out[2] = (uint8_t)(speed >> 8);
	out[3] = (uint8_t)speed;
	if (!vertical)
		return 4;
	out[4] = (uint8_t)kmh(l->climb, 255);
	return 5;
}

static void put(struct dm *dm, uint16_t rid, double v, int64_t time_ms)
{
	if (isnan(v))
		dm_unset(dm, &PATH_RES(OID, 0, rid));
	else
		dm_set(dm, &PATH_RES(OID, 0, rid), &VALUE_FLOAT(v), time_ms);
}

int object_location_set(struct objects *o, const struct location *l)
{
	struct dm *dm = o->dm;
	uint8_t v[5];
	size_t len = location_velocity(v, l);
	struct value velocity = { VT_OPAQUE, { .s = { v, (uint32_t)len } } };
	int r;

	if (!(fabs(l->latitude) <= 90) || !(fabs(l->longitude) <= 180))
		return LGW_EINVAL;
	r = object_add(o, OID);
	if (r)
		return r;
	r = dm_instance_add(dm, OID, 0);
	if (r < 0 && r != LGW_EEXIST)
		return r;
	put(dm, RES_LATITUDE, l->latitude, l->time_ms);
	put(dm, RES_LONGITUDE, l->longitude, l->time_ms);
	put(dm, RES_ALTITUDE, l->altitude, l->time_ms);
	put(dm, RES_RADIUS, l->radius, l->time_ms);
	put(dm, RES_SPEED, l->speed, l->time_ms);
	if (len)
		dm_set(dm, &PATH_RES(OID, 0, RES_VELOCITY), &velocity, l->time_ms);
	else
		dm_unset(dm, &PATH_RES(OID, 0, RES_VELOCITY));
	dm_set(dm, &PATH_RES(OID, 0, RES_TIMESTAMP), &VALUE_TIME(l->time_ms / 1000), l->time_ms);
	return LGW_OK;
}
