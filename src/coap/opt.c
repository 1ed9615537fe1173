/* SPDX-License-Identifier: BSD-3-Clause */
#include "coap/opt.h"

#include <stddef.h>
#include "util/err.h"
#include "util/mem.h"

/* RFC 7252 §5.10, RFC 7641 §2, RFC 7959 §2.1, RFC 8613 §2, RFC 9175 §2.2. */
static const struct rule {
	uint16_t num;
	uint16_t min, max;
	bool repeatable;
} rules[] = {
	{ COAP_OPT_IF_MATCH, 0, 8, true },
	{ COAP_OPT_URI_HOST, 1, 255, false },
	{ COAP_OPT_ETAG, 1, 8, true },
	{ COAP_OPT_IF_NONE_MATCH, 0, 0, false },
	{ COAP_OPT_OBSERVE, 0, 3, false },
	{ COAP_OPT_URI_PORT, 0, 2, false },
	{ COAP_OPT_LOCATION_PATH, 0, 255, true },
	{ COAP_OPT_OSCORE, 0, 255, false },
	{ COAP_OPT_URI_PATH, 0, 255, true },
	{ COAP_OPT_CONTENT_FORMAT, 0, 2, false },
	{ COAP_OPT_MAX_AGE, 0, 4, false },
	{ COAP_OPT_URI_QUERY, 0, 255, true },
	{ COAP_OPT_ACCEPT, 0, 2, false },
	{ COAP_OPT_LOCATION_QUERY, 0, 255, true },
	{ COAP_OPT_BLOCK2, 0, 3, false },
	{ COAP_OPT_BLOCK1, 0, 3, false },
	{ COAP_OPT_SIZE2, 0, 4, false },
	{ COAP_OPT_SIZE1, 0, 4, false },
	{ COAP_OPT_ECHO, 1, 40, false },
	{ COAP_OPT_REQUEST_TAG, 0, 8, true },
};

static const struct rule *rule_of(uint16_t num)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].num == num)
			return &rules[i];
	return NULL;
}

int coap_opts_check(struct coap_msg *m)
{
	unsigned keep = 0;

	for (unsigned i = 0; i < m->nopts; i++) {
		const struct coap_opt *o = &m->opts[i];
		const struct rule *r = rule_of(o->num);
		bool again = keep && m->opts[keep - 1].num == o->num;

		if (r && o->len >= r->min && o->len <= r->max && (!again || r->repeatable))
			m->opts[keep++] = *o;
		else if (coap_opt_critical(o->num))
			return LGW_ECRITICAL;
	}
	m->nopts = (uint8_t)keep;
	return LGW_OK;
}
