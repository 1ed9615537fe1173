/* SPDX-License-Identifier: BSD-3-Clause */
/* Operations whose result may come later: Write, Create, Execute. */
#ifndef LWM2M_WRITE_H
#define LWM2M_WRITE_H

#include "lwm2m/state.h"

/* An answer that is due when the model is done. */
struct pending {
	struct lwm2m_env *env;
	uint64_t noted;     /* clients.noted when it came */
	struct exchange *x; /* NULL: whoever asked is gone */
	uint8_t ok;         /* code of success */
	uint16_t oid, iid;
	bool iid_by_client; /* Create: say which instance it was */
};

#define WHY_MAX (PATH_TEXT_MAX + 80) /* of dm_txn_why */

struct pending *write_pending(struct server *s, struct exchange *x, uint8_t ok);
/* The result of an operation: it came at once, or LGW_PENDING promises a write_done. What it has
 * changed is durable before the answer leaves. */
void write_result(struct pending *d, int status);
/* dm_done_fn: the result that was deferred; ud is the struct pending. */
void write_done(void *ud, int status);
/* An empty body is a body all the same: nobody below has to do without a pointer. */
const uint8_t *write_body(const struct coap_msg *req);

/* Each answers x, now or later. format: Content-Format of the body. */
void write_values(struct server *s, struct exchange *x, enum dm_write_mode mode,
	const struct path *p, int format, const struct coap_msg *req);
void write_execute(struct server *s, struct exchange *x, const struct path *p, int format,
	const struct coap_msg *req);

#endif
