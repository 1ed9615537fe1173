/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of options: which may repeat, their lengths, critical or not (RFC 7252 §5.4, §5.10). */
#ifndef COAP_OPT_H
#define COAP_OPT_H

#include <stdbool.h>
#include "coap/msg.h"

static inline bool coap_opt_critical(uint16_t num)
{
	return num & 1;
}
/*
 * Apply RFC 7252 §5.4.1, 5.4.3, 5.4.5 to a message: an elective option that is unknown, of a bad
 * length or repeated against the rule is taken out; a critical one gives LGW_ECRITICAL.
 */
int coap_opts_check(struct coap_msg *m);

#endif
