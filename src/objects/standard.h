/* SPDX-License-Identifier: BSD-3-Clause */
/* Standard objects that a client has where its owner asks for them. */
#ifndef OBJECTS_STANDARD_H
#define OBJECTS_STANDARD_H

#include "objects/env.h"

/* 16 (Portfolio) or 19 (BinaryAppDataContainer), which servers fill themselves, or another one of
 * the registry by its row, without instances. LGW_ENOENT: no row, or no definition. */
int object_add(struct objects *o, uint16_t oid);

/* --- 4, Connectivity Monitoring (LwM2M 1.0 E.5) --------------------------------------------- */

#define CONN_MAX 8
enum { BEARER_LTE_FDD = 6, BEARER_WLAN = 21, BEARER_ETHERNET = 41 };

struct connectivity {
	int bearer; /* of the enumeration of /4/0/0; < 0: none carries */
	int available[CONN_MAX];
	size_t navailable;
	int signal_dbm; /* 0: this bearer has none */
	bool has_utilization;
	int utilization; /* per cent */
	char addresses[CONN_MAX][46], routers[CONN_MAX][46];
	size_t naddresses, nrouters;
	int64_t cell, area; /* of a mobile network: cell id, location area code; < 0: not known */
	int mcc, mnc;       /* likewise */
	bool has_quality, has_snr;
	int quality, snr;           /* dB */
	const char *apns[CONN_MAX]; /* loans */
	size_t napns;
};

/* Object 4 with these values (again: changes are notified). */
int object_connectivity_set(struct objects *o, const struct connectivity *c);

/* --- 6, Location (E.7) ----------------------------------------------------------------------- */

/* What is NAN is not known, and not instantiated. */
struct location {
	double latitude, longitude; /* degrees, WGS 84 */
	double altitude, radius;    /* m */
	double speed, heading;      /* m/s, degrees clockwise from North */
	double climb;               /* m/s, up */
	int64_t time_ms;            /* of the fix */
};

/* Object 6 with these values; LGW_EINVAL: no place on Earth. */
int object_location_set(struct objects *o, const struct location *l);
/* Velocity as 3GPP TS 23.032 §8.12 to 8.13 codes it: 4 or 5 bytes; 0: speed or heading unknown. */
size_t location_velocity(uint8_t out[5], const struct location *l);

/* --- 7, Connectivity Statistics (E.8) -------------------------------------------------------- */

/* Object 7; it counts from now on as if a server had started it. */
int object_statistics_add(struct objects *o);
bool object_statistics_on(const struct objects *o);
/* So many short messages of the machine were sent or received; /7/0/0 and /7/0/1 are there from the
 * first call on. */
void object_statistics_messages(struct objects *o, bool sent, unsigned n);
/* A message of this client was sent or received, of so many bytes with the headers of IP. Nothing
 * where object 7 is not there. */
void object_statistics_count(struct objects *o, bool sent, size_t bytes);

/* --- 10, 11, 13: cellular data and its profiles ---------------------------------------------- */

/*
 * What carries changes out. Values that it knows it puts into the tree itself (dm_set), those of
 * refresh before it ends op. All members optional.
 */
struct cellular_backend {
	/* A validated change set of one of the three objects; as in object_ops. */
	int (*check)(void *ud, uint16_t ssid, const struct dm_change *c, size_t n);
	int (*apply)(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op);
	int (*refresh)(void *ud, uint16_t ssid, const struct path *p, struct dm_op *op);
	/* May this profile be made, removed? NULL: servers make none. */
	int (*profile_create)(void *ud, uint16_t ssid, uint16_t iid);
	int (*profile_remove)(void *ud, uint16_t ssid, uint16_t iid);
	/* It is gone, by whomever. */
	void (*profile_gone)(void *ud, uint16_t iid);
};

/* Objects 10 with its instance, 11 without, 13 with its instance. /10/0/11, the profiles that are
 * connected, is its owner's as all else is. A profile's secret (/11/x/6) is never in the tree. be
 * and ud outlive the client. */
int object_cellular_add(struct objects *o, const struct cellular_backend *be, void *ud);
void object_cellular_remove(struct objects *o);

#endif
