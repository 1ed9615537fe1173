/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/dtls.h"

#include "transport/ssllink.h"

const struct link_ops link_ops_dtls = {
	.scheme = "coaps",
	.port = 5684,
	.secure = true,
	.mtu = 9216 - 96, /* what UDP takes without the largest record overhead */
	.make = ssllink_make,
	.open = ssllink_open,
	.send = ssllink_send,
	.close = ssllink_close,
	.free = ssllink_free,
	.rest = ssllink_rest,
	.peer = ssllink_peer,
	.below = ssllink_below,
};
