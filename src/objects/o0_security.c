/* SPDX-License-Identifier: BSD-3-Clause */
/* Security (LwM2M 1.0 E.1) and OSCORE (21): no server ever reaches them, the tree sees to that. */
#include "objects/state.h"

const struct object_ops object_ops_security = { 0 };
