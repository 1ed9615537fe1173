/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/tls.h"

#include "transport/ssllink.h"

const struct link_ops link_ops_tls = {
	.scheme = "coaps+tcp",
	.port = 5684,
	.reliable = true,
	.secure = true,
	.mtu = 1048576,
	.make = ssllink_make,
	.open = ssllink_open,
	.send = ssllink_send,
	.close = ssllink_close,
	.free = ssllink_free,
	.peer = ssllink_peer,
	.below = ssllink_below,
};
