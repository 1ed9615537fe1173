/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several clients with one number: to the peer they are one endpoint, so message ids are given out
 * by the process, and an answer finds its session by them. A token begins with the message id of
 * its request: separate answers are found likewise.
 */
#include <stdlib.h>
#include "crypto/rand.h"
#include "session/state.h"
#include "transport/carrier.h"
#include "util/mem.h"

static struct session **owner(struct session_pools *p, uint16_t mid)
{
	if (!p->shared_owner) {
		p->shared_owner = xcalloc(SHARED_MIDS, sizeof(*p->shared_owner));
		p->shared_mid = rand_u16();
	}
	return &p->shared_owner[mid % SHARED_MIDS];
}

uint16_t session_next_mid(struct session *s)
{
	struct session_pools *p = s->env->pools;
	uint16_t mid;

	if (!s->link->ops->shared)
		return s->next_mid++;
	owner(p, 0); /* the first id of the process is made with it */
	mid = p->shared_mid++;
	*owner(p, mid) = s;
	return mid;
}

void session_new_token(const struct session *s, uint16_t mid, uint8_t *token)
{
	rand_bytes(token, COAP_TOKEN_MAX);
	if (!s->link->ops->shared)
		return;
	token[0] = (uint8_t)(mid >> 8);
	token[1] = (uint8_t)mid;
}

void shared_forget(struct session *s)
{
	struct session_pools *p = s->env->pools;

	for (size_t k = 0; p->shared_owner && k < SHARED_MIDS; k++)
		if (p->shared_owner[k] == s)
			p->shared_owner[k] = NULL;
}

void session_take_requests(struct session *s)
{
	if (s->link->ops->shared)
		carrier_prefer(s->link);
}

struct link *session_pick(void *ud, const uint8_t *p, size_t len)
{
	struct session_env *env = ud;
	struct coap_msg m;
	struct session *s;

	if (coap_udp_decode(&m, p, len) || coap_is_request(m.code))
		return NULL;
	if (m.type == COAP_CON || m.type == COAP_NON) { /* a separate answer, or a ping */
		if (m.tkl != COAP_TOKEN_MAX)
			return NULL;
		m.mid = (uint16_t)(m.token[0] << 8 | m.token[1]);
	}
	s = *owner(env->pools, m.mid);
	return s ? s->link : NULL;
}
