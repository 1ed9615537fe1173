/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Carriers: ways to bring datagrams to peers that have a number instead of an address of IP. A
 * plugin names its carrier in its descriptor; server URIs of the carrier's scheme then go over it.
 */
#ifndef LGW_TRANSPORT_H
#define LGW_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LGW_PEER_MAX 32 /* characters of a peer's number, the NUL included */

struct lgw_carrier {
	const char *scheme; /* of URIs: "sms" */
	size_t unit;        /* bytes that go as one and cost one; messages are made to fit it */
	size_t mtu;         /* bytes of the largest message, which the carrier cuts and joins */
	/*
	 * Send to this peer, soon; p is copied. LGW_OK is no promise that it arrives. LGW_EUNAVAIL:
	 * not now; LGW_ENOMEM: too much waits already, or a limit is reached. Must not call
	 * back from within. state as start of the plugin returned it.
	 */
	int (*send)(void *state, const char *peer, const void *p, size_t len);
};

/* What a plugin tells of its carrier (struct lgw_host, carrier_state); copied. */
struct lgw_carrier_state {
	bool up;           /* messages can be sent */
	const char *own;   /* our own number, which servers are told; NULL: not known */
	uint32_t pause_ms; /* before what got no answer is worth repeating */
};

#ifdef __cplusplus
}
#endif
#endif
