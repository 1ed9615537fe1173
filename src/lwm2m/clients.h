/* SPDX-License-Identifier: BSD-3-Clause */
/* All clients of the process: found by endpoint name; registrations paced. */
#ifndef LWM2M_CLIENTS_H
#define LWM2M_CLIENTS_H

#include <stddef.h>
#include "lwm2m/client.h"

struct clients *clients_new(void);
void clients_free(struct clients *cs); /* must be empty */
struct client *clients_find(struct clients *cs, const char *endpoint);
/* The process ends: what goes from now on is not noted as gone, and servers write no more. */
void clients_ending(struct clients *cs);
size_t clients_count(const struct clients *cs);
/* With at least one server (server_is_registered). */
size_t clients_registered(const struct clients *cs);
/* Our own number (sms=) is another one: servers that are told of it get an Update. */
void clients_number_changed(struct clients *cs);
/* The machine's network is another one: servers that would be spoken to from another address of
 * ours get an Update from there (OMA 1350). A hundred clients are looked at in each turn. */
void clients_network_changed(struct clients *cs);
struct client *clients_next(struct clients *cs, size_t *it);
/* The store has lost what it knew of the clients (store_hooks.renewed): into it once more. */
void clients_note_again(struct clients *cs);
/* Something was put into the store that the answer to the request under way is about: it leaves
 * when that is durable. */
void clients_noted(struct clients *cs);

#endif
