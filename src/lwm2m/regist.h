/* SPDX-License-Identifier: BSD-3-Clause */
/* Register, Update, De-register, Disable (LwM2M 1.0 §5.3): when, what, and what the answer means.
 */
#ifndef LWM2M_REGIST_H
#define LWM2M_REGIST_H

#include "lwm2m/state.h"

/* Begin to register, now. */
void regist_start(struct server *s);
/* De-register where that is wanted, by deadline_ms at the latest; then SERVER_STOPPED. */
void regist_stop(struct server *s, bool deregister, int64_t deadline_ms);
/* Something is to be told (WANT_*), after delay_ms at the latest. */
void regist_want(struct server *s, unsigned want, int64_t delay_ms);
/* A notification did not reach the server: nothing more is sent until an Update has found out. */
void regist_doubt(struct server *s);
/* s->due_ms has come. */
void regist_due(struct server *s);
/* A place is there (from pace_run). */
void regist_go(struct server *s);
void regist_link(struct server *s, bool up, int err);
/* Forget the request under way. */
void regist_cancel(struct server *s);
/* No longer registered, and no observations any more. */
void regist_lost(struct server *s);

#endif
