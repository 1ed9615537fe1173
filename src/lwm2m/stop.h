/* SPDX-License-Identifier: BSD-3-Clause */
/* The end of a client: De-register, then the owner's callback, from the loop. */
#ifndef LWM2M_STOP_H
#define LWM2M_STOP_H

#include "lwm2m/state.h"

/* Have all servers ended? Then the callback comes next turn. */
void stop_check(struct client *c);
/* Forget the callback. */
void stop_free(struct client *c);

#endif
