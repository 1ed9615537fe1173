/* SPDX-License-Identifier: BSD-3-Clause */
/* CoAP over DTLS 1.2 (RFC 7252 §9, RFC 6347, RFC 7925): over UDP, or any carrier of datagrams. */
#ifndef TRANSPORT_DTLS_H
#define TRANSPORT_DTLS_H

#include "transport/link.h"

extern const struct link_ops link_ops_dtls;

#endif
