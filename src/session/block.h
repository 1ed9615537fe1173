/* SPDX-License-Identifier: BSD-3-Clause */
/* Bodies in more than one block (RFC 7959), in both roles: private to this folder. */
#ifndef SESSION_BLOCK_H
#define SESSION_BLOCK_H

#include <sys/queue.h>
#include "session/session.h"
#include "util/wr.h"

#define BLOCK_HEADER_ROOM 64 /* for header, token and options beside a block */

/* What a request says about the blocks of its answer. */
struct block_wish {
	uint64_t key, query; /* what it is about; query: the body of a FETCH, or 0 */
	uint32_t num;        /* of Block2 */
	uint8_t szx;         /* of the blocks of the answer */
	bool asked;          /* by a Block2 option */
	bool size_asked;     /* by Size2 */
	bool cut;            /* done already */
	bool has_block1;     /* which is: */
	uint32_t block1;
};

/* Of a call whose request or answer takes more than one message (call_block.c). */
struct call_blocks {
	uint32_t sent;     /* bytes of the request's body that the peer has */
	uint32_t sending;  /* those of the block under way */
	uint64_t got;      /* bytes of the answer's body */
	struct wr body;    /* them, where nobody takes them as they come */
	uint8_t szx, szx2; /* of the request's blocks and of the answer's */
	uint8_t etag_len;
	bool last; /* of the request's body is under way */
	bool fetching, restarted;
	uint8_t etag[8], tag[4];
};

/* A body in more than one block that the peer sends (Block1) or fetches (Block2), see block.c. */
struct transfer {
	TAILQ_ENTRY(transfer) next;     /* of the session */
	TAILQ_ENTRY(transfer) next_all; /* of the process; both: least recently used first */
	struct session *session;
	uint64_t key, query; /* as of block_wish */
	int64_t expires;
	uint64_t have; /* received */
	struct body_sink sink;
	struct wr body; /* received, or the answer's options and payload (coap_body_encode) */
	size_t at, end, total; /* of an answer: which part of how many bytes that payload is */
	bool out;
	uint8_t code;
};

/* call_block.c */
/* The next message of the call, without token and message id. */
int call_build(struct call *c, struct coap_msg *m);
/* What an answer means: LGW_PENDING the call goes on with another message; LGW_OK it is over, m
 * has the whole body; an error ends it. */
int call_progress(struct call *c, struct coap_msg *m);
/* It begins here instead of at 0. */
void call_resume(struct call *c, uint64_t offset, const uint8_t *etag, size_t etag_len);
void call_blocks_free(struct call_blocks *b); /* takes NULL */

/* transfer.c */
/* The one used last; query 0: of whichever. */
struct transfer *transfer_find(struct session *s, uint64_t key, uint64_t query, bool out);
/* A new one; an earlier one of the same ends, and the oldest ones where there are too many. */
struct transfer *transfer_new(struct session *s, uint64_t key, uint64_t query, bool out);
/* It was used, and is larger by so many bytes: others may have to go. */
void transfer_touch(struct session *s, struct transfer *t, size_t more);
/* Out of the lists; what it holds is still there. */
void transfer_unlink(struct session *s, struct transfer *t);
/* Free one that is unlinked. */
void transfer_put(struct session *s, struct transfer *t);
void transfer_drop(struct session *s, struct transfer *t); /* takes NULL; its sink is told */
void transfer_drop_all(struct session *s);
void transfer_tick(struct session *s);

/* block.c */
/* The largest blocks that suit us and the link. */
uint8_t block_szx(const struct session *s);
/* Bytes of a message with a block of this SZX. */
size_t block_chunk(const struct session *s, uint8_t szx);
/* A request: the parts of a body, or of an answer made before, are dealt with here; what is whole
 * goes to the handler. */
void block_request(struct session *s, struct exchange *x, struct coap_msg *m);
/* Make one message of an answer or notification: add its block options, cut its payload and keep
 * the rest for the peer to fetch. */
void block_cut(struct session *s, const struct block_wish *wish, struct coap_msg *m);

#endif
