/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of what servers wrote to a client, in memory and in the store; written.c decides. */
#ifndef LWM2M_NOTE_H
#define LWM2M_NOTE_H

#include "lwm2m/state.h"

enum note_kind {
	NOTE_VALUE, /* of a resource or resource instance */
	NOTE_EMPTY, /* a multiple resource without instances */
	NOTE_GONE,  /* a resource that a replace took away */
	NOTE_KEPT,  /* a state of an object of its own (obj_env.keep) */
	NOTE_MADE,  /* an instance */
	NOTE_PIN    /* /2/y; oid, id: what it speaks of */
};

struct note {
	struct path key; /* as it is stored */
	enum note_kind kind;
	uint16_t oid, id; /* id, but of NOTE_PIN: the server that wrote it last, 0: not known */
	bool waits;       /* of an earlier life, not written again yet */
	uint64_t factory; /* of a value: what configuration said when it was written first */
	uint64_t hash;    /* of a value */
	uint32_t len;     /* bytes of a value, as item_value has it */
	uint8_t *bytes;   /* while it waits; of NOTE_KEPT always */
};

struct notes {
	struct note *n; /* ascending by key */
	uint32_t count, cap, waiting;
	size_t bytes;
};

/* NULL: there is none. Loans until the next change. */
const struct note *note_find(const struct client *c, const struct path *key);
/* The next one after this key. */
const struct note *note_next(const struct client *c, const struct path *key);
/* Has this server used up its share of the room there is? */
bool note_full(const struct client *c, uint16_t ssid);
/* Does it say this already? v as dm_hooks.written has it. */
bool note_says(const struct note *n, const struct value *v);
/* Add or replace it, here and in the store; v: the value that it is about, or NULL. */
void note_put(struct client *c, const struct note *n, const struct value *v);
/* Into the store once more; v: as with note_put, where n has no bytes. */
void note_again(struct client *c, const struct note *n, const struct value *v);
/* It was written again. */
void note_settle(struct client *c, const struct path *key);
/* All at and below it, here and in the store. */
void note_drop(struct client *c, const struct path *key);
/* Instances of an object got other ids: from ids[k][0] to ids[k][1]; those that are not named are
 * dropped. All of them wait. */
void note_renumber(struct client *c, uint16_t oid, const uint16_t (*ids)[2], size_t n);
/* Take over what the store has; all of it waits. */
void note_load(struct client *c);
void note_fini(struct client *c);

#endif
