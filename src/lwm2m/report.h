/* SPDX-License-Identifier: BSD-3-Clause */
/* When a value becomes a notification (LwM2M 1.0 §5.1.2, §5.5.2). */
#ifndef LWM2M_REPORT_H
#define LWM2M_REPORT_H

#include "lwm2m/represent.h"
#include "lwm2m/state.h"

/* An observation begins with rep as its first message. */
void report_begin(struct observation *o, const struct representation *rep);
/* o->due_ms by what is known now; tells the server's timer. */
void report_plan(struct observation *o);
/* An observation of an earlier life goes on: what waits in its line is due. */
void report_resumed(struct observation *o);
/* Attributes or default periods changed: of what lies at or below p, or of all (NULL). */
void report_replan(struct server *s, const struct path *p);
/* A value came, or went (v NULL). Costs nothing where nobody observes. */
void report_value(struct client *c, const struct path *p, const struct value *v, int64_t time_ms,
	bool changed);
/* A value that was measured before the one that is there: those who keep its history get it. */
void report_late(struct client *c, const struct path *p, const struct value *v, int64_t time_ms);
/* Objects or instances came or went. */
void report_structure(struct client *c);
/* s->report_ms has come. */
void report_due(struct server *s);
/* The server can be reached again. */
void report_resume(struct server *s);

#endif
