/* SPDX-License-Identifier: BSD-3-Clause */
/* CoAP over UDP (RFC 7252): one connected socket per link. */
#ifndef TRANSPORT_UDP_H
#define TRANSPORT_UDP_H

#include "transport/link.h"

extern const struct link_ops link_ops_udp;

#endif
