/* SPDX-License-Identifier: BSD-3-Clause */
/* CoAP over TLS 1.2 and 1.3 (RFC 8323 §9), over the link of coap+tcp. */
#ifndef TRANSPORT_TLS_H
#define TRANSPORT_TLS_H

#include "transport/link.h"

extern const struct link_ops link_ops_tls;

#endif
