/* SPDX-License-Identifier: BSD-3-Clause */
/* What a plugin knows of the mobile network: it becomes objects 3, 4 and 7 of the gateway's client.
 */
#ifndef LGW_CONNECTIVITY_H
#define LGW_CONNECTIVITY_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers of /4/0/0. */
enum lgw_bearer {
	LGW_BEARER_GSM = 0,
	LGW_BEARER_WCDMA = 2,
	LGW_BEARER_LTE = 6,
	LGW_BEARER_NB_IOT = 7
};

#define LGW_APNS_MAX 4
#define LGW_APN_MAX  101 /* the NUL included */

/* Negative numbers are not known, where nothing else is said; the struct is copied. */
struct lgw_cellular {
	bool registered;    /* false: there is no mobile network, and nothing else holds */
	int bearer;         /* enum lgw_bearer */
	int signal_dbm;     /* RSSI, RSCP or RSRP, by the bearer; 0: not known */
	int64_t cell, area; /* of the serving cell: its id; location or tracking area code */
	int mcc, mnc;       /* of the network */
	bool weak;          /* the signal is: error code 4 of /3/0/11 */
	bool failing;       /* short messages do not leave: error code 6 */
	bool offline;       /* a data connection is wanted and not there: error code 7 */
	int quality, snr;   /* dB: RSRQ of LTE and NB-IoT, SINR; INT_MIN: not known */
	char apns[LGW_APNS_MAX][LGW_APN_MAX]; /* of the data connections that are there */
};

#ifdef __cplusplus
}
#endif
#endif
