/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TRANSPORT_TCP_H
#define TRANSPORT_TCP_H

#include "transport/link.h"

extern const struct link_ops link_ops_tcp;

#endif
