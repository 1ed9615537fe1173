/* SPDX-License-Identifier: BSD-3-Clause */
/* Read-Composite and Write-Composite (LwM2M 1.1 §6.3.8, §6.3.9): FETCH and iPATCH of the root. */
#ifndef LWM2M_COMPOSITE_H
#define LWM2M_COMPOSITE_H

#include "lwm2m/state.h"

/* accept, format: as the request says, or CF_NONE. */
void composite_read(
	struct server *s, struct exchange *x, int accept, int format, const struct coap_msg *req);
void composite_write(struct server *s, struct exchange *x, int format, const struct coap_msg *req);

#endif
