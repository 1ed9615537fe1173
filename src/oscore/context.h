/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A security context between us and one peer (RFC 8613 §3): keys out of an oscore_cred, sender
 * sequence numbers that are never used twice, the replay window, and the recovery after a loss of
 * state (Appendix B).
 */
#ifndef OSCORE_CONTEXT_H
#define OSCORE_CONTEXT_H

#include "crypto/oscred.h"

struct oscore;

/*
 * Where numbers are reserved (RFC 8613 B.1.1), by oscore_cred.name. An implementation must never
 * hand out a number again, also not after a crash, and never call back.
 */
struct oscore_ops {
	/*
	 * Numbers from *first to *first + n - 1 are going to be used. LGW_OK once that is as
	 * durable as it gets; LGW_ENOENT: nobody knows which ones were used, the context begins
	 * with new keys by Appendix B.2 then; LGW_EUNAVAIL: not now, the message is not sent.
	 */
	int (*reserve)(void *ud, const struct oscore_cred *cred, uint32_t n, uint64_t *first);
};

/* References cred; ops and ud live longer. NULL with *err set. */
struct oscore *oscore_new(
	const struct oscore_cred *cred, const struct oscore_ops *ops, void *ud, int *err);
void oscore_free(struct oscore *c); /* takes NULL; wipes */
/*
 * The peer does not know this context, or takes our messages for old ones: the next request goes
 * out under new keys (Appendix B.2). LGW_EEXIST: that is under way and was no use either, the
 * context is back where it began.
 */
int oscore_recover(struct oscore *c);
/*
 * A request got no answer. If it went out under such new keys, they were no use: back to the
 * configured ones as after a second oscore_recover, unless it is without these that we began.
 */
void oscore_unanswered(struct oscore *c);
/* The keys are the configured ones, which another life of this endpoint has, too. */
bool oscore_configured(const struct oscore *c);
/* Such new keys are not in use at both ends yet. */
bool oscore_recovering(const struct oscore *c);

#endif
