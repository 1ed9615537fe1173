/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of the group plugins.modem. */
#ifndef MODEM_CONF_H
#define MODEM_CONF_H

#include <lgw/conf.h>

enum { CONNECT_NEVER, CONNECT_ALWAYS };

struct modem_conf {
	char *device; /* what ModemManager calls it: path, equipment id, or device id; NULL: any */
	char *pin;    /* or NULL */
	char *number; /* our own; NULL: what the SIM says */
	bool roaming; /* messages are sent abroad, too */
	char *apn, *user, *password; /* of the data connection; or NULL */
	int auth, ip, connect;       /* indexes of their choices */
	bool data_roaming;
	int64_t repeat_ms;         /* before what was not answered is worth repeating (DTLS) */
	int64_t per_hour, per_day; /* messages; 0: no limit */
	int64_t parts_ms;          /* after which an incomplete message is given up */
	int64_t hold_ms;  /* how long a modem may look for its network until links are down */
	int64_t alive_ms; /* between questions whether ModemManager lives, and until the answer */
	int64_t sim_retry_ms; /* between looks for another SIM; 0: none */
	int64_t scan_ms;      /* between scans for messages that ModemManager lost; 0: none */
	int64_t scan_data_ms; /* after so long a data connection is interrupted for it; 0: never */
};

extern const struct lgw_option modem_options[];
int modem_check(const void *conf, char *text, size_t size);

#endif
