/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queue mode (LwM2M 1.0 §8.4, a Q in /1/x/7): the server keeps its requests until the client was
 * heard. After each message, in either direction, the client is awake for MAX_TRANSMIT_WAIT or as
 * configured; then it is asleep, and whatever it says next (Update, notification) wakes it. Asleep
 * means that nothing is expected: DTLS is parked, and resumed by the next message. What a server
 * sends all the same is heard and answered, since nobody here is out of reach.
 */
#ifndef LWM2M_QUEUE_MODE_H
#define LWM2M_QUEUE_MODE_H

#include "lwm2m/state.h"

/* A Register or Update was answered: the server knows the binding that is in the tree. */
void queue_mode_told(struct server *s);
/* A message went or came. */
void queue_mode_awake(struct server *s);
/* The window is over. */
void queue_mode_due(struct server *s);
/* The registration is over. */
void queue_mode_end(struct server *s);
bool queue_mode_asleep(const struct server *s);

#endif
