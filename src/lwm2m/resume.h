/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A restart that the server need not notice: the registration and the observations of an earlier
 * life go on while its lifetime lasts. What is stored of them is noted as they come and go.
 */
#ifndef LWM2M_RESUME_H
#define LWM2M_RESUME_H

#include "lwm2m/state.h"

/* Registered or updated. */
void resume_note(const struct server *s);
/* The registration is over, and its observations with it. */
void resume_forget(const struct server *s);
void resume_observed(const struct observation *o);
void resume_unobserved(const struct observation *o);
/* Nothing is said to the server for so long, by its own wish (disabled) or after a failure; short
 * pauses are not noted. */
void resume_pause(struct server *s, int64_t ms, bool disabled);
void resume_pause_over(struct server *s);
/* The store has lost all of it: into it once more. */
void resume_again(struct server *s);
/* At the start: how long such a pause of an earlier life goes on, ms; 0: it is over. */
int64_t resume_paused(struct server *s, bool *disabled);
/* At the start: true when s is registered as an earlier life left it. An Update is due then. */
bool resume(struct server *s);

#endif
