/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the store's changes end up. One file per kind ends in one const struct back_ops. */
#ifndef STORE_BACK_H
#define STORE_BACK_H

#include <sys/queue.h>
#include "store/store.h"

enum change_kind {
	CHANGE_FACT,    /* owner, key, value */
	CHANGE_NO_FACT, /* owner, key */
	CHANGE_FORGET,  /* owner, kind */
	CHANGE_LINE,    /* a new line: line, owner, ssid, key: path */
	CHANGE_IDLE,    /* line, time */
	CHANGE_NO_LINE, /* line, and all that is in it */
	CHANGE_APPEND,  /* line, number, time, value */
	CHANGE_REMOVE,  /* line, number: all up to it */
	CHANGE_TAKE,    /* line, number: this one */
	CHANGE_BARRIER  /* fn */
};

/* One change in the writer's queue; owned by it. */
struct change {
	TAILQ_ENTRY(change) next;
	TAILQ_ENTRY(change) fresh; /* in a list of the front: of its line, or of barriers */
	enum change_kind kind;
	enum store_fact fact;
	uint16_t ssid;
	bool void_; /* nobody wants it any more */
	bool taken; /* by the writer: what it is can no longer be changed */
	uint64_t line, number;
	int64_t time;
	struct store_line *of; /* APPEND, TAKE, while the line lives: for the front alone */
	store_fn fn;
	void *ud;
	size_t owner_len, key_len, len;
	uint8_t bytes[]; /* owner, NUL, key, value */
};
TAILQ_HEAD(changes, change);

static inline const char *change_owner(const struct change *c)
{
	return (const char *)c->bytes;
}
static inline const uint8_t *change_key(const struct change *c)
{
	return c->bytes + c->owner_len + 1;
}
static inline const uint8_t *change_value(const struct change *c)
{
	return change_key(c) + c->key_len;
}

/* What is there at the begin. */
struct back_loader {
	void (*fact)(void *ud, enum store_fact kind, const char *owner, const uint8_t *key,
		size_t key_len, const uint8_t *value, size_t len);
	void (*line)(void *ud, uint64_t id, const char *owner, uint16_t ssid, const uint8_t *path,
		size_t path_len, int64_t idle);
	/* Of a line told before. */
	void (*records)(void *ud, uint64_t line, uint64_t first, uint64_t last, uint32_t n,
		uint64_t bytes, int64_t oldest_ms);
};

struct back;

/* Errors: LGW_EIO (try again later), LGW_EINVAL (the file is damaged: renew). */
struct back_ops {
	/* LGW_OK with a text: what an operator should know. */
	int (*open)(const struct store_params *p, struct back **out, char *text, size_t size);
	void (*close)(struct back *b);
	int (*load)(struct back *b, const struct back_loader *l, void *ud);
	/* From the writer's thread alone. */
	int (*begin)(struct back *b);
	int (*apply)(struct back *b, const struct change *c);
	int (*commit)(struct back *b);
	void (*rollback)(struct back *b);
	/* Keep the file aside and begin a new one. */
	int (*renew)(struct back *b);
	/* Of the thread that calls: the text of its latest error. */
	const char *(*why)(struct back *b);
	/* From the loop's thread alone: records of a line from number on, until fn returns not 0.
	 * LGW_EINVAL: begin will say so, too. */
	int (*page)(struct back *b, uint64_t line, uint64_t from,
		int (*fn)(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len),
		void *ud);
};
extern const struct back_ops back_ops_sqlite;

#endif
