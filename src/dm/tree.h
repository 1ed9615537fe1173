/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rooms of this folder share: how a client's values lie in memory. */
#ifndef DM_TREE_H
#define DM_TREE_H

#include <sys/queue.h>
#include "dm/dm.h"
#include "dm/shape.h"

/*
 * The values of an instance: as many as its shape has entries, then a byte for each that says
 * whether it is there (an executable or computed resource has none).
 */
struct values {
	uint32_t refs;   /* instances that have them */
	bool shared;     /* instances with equal ones find them in the table */
	union slot at[]; /* shape->n slots, then shape->n bytes */
};

struct dm_inst {
	struct shape *shape;
	struct values *values; /* NULL: the shape is the empty one */
	uint16_t iid;
	uint16_t time_high; /* of the newest reading: inst_time */
	uint32_t time_low;
};

struct dm_object {
	const struct objdef *def;
	const struct object_ops *ops;
	void *ud;
	union {
		struct dm_inst one;   /* the only one */
		struct dm_inst *many; /* of several, ascending by iid */
	} inst;
	uint16_t n;
	uint32_t generation; /* counts changes */
};

/* Its n instances; until the next one comes or goes, or an object of its tree. */
static inline struct dm_inst *dm_insts(const struct dm_object *o)
{
	return o->n > 1 ? o->inst.many : (struct dm_inst *)(uintptr_t)&o->inst.one;
}

struct attr_entry {
	struct path path;
	uint16_t ssid;
	struct attrs attrs;
};

/* A result that comes later. */
struct dm_op {
	LIST_ENTRY(dm_op) next;
	struct dm *dm; /* NULL: canceled, kept for its holder alone */
	dm_done_fn done;
	void *ud;
	struct dm_txn *txn; /* of a write */
	struct path path;
	bool inside; /* the handler has not returned yet */
	bool ended;  /* by the handler, before it returned */
	int status;
};

struct dm {
	const struct dm_hooks *hooks;
	void *ud;
	struct dm_object *objects; /* ascending by id */
	struct attr_entry *attrs;  /* ascending by path and server */
	uint16_t nobjects, nattrs;
	uint32_t generation; /* counts objects that came and went, with their changes */
	LIST_HEAD(, dm_op) pending;
};

static inline uint8_t *inst_have(const struct dm_inst *i)
{
	return (uint8_t *)(i->values->at + i->shape->n);
}

/* Unix ms, 0 to INST_TIME_MAX (the year 10889). */
#define INST_TIME_MAX (((int64_t)1 << 48) - 1)
static inline int64_t inst_time(const struct dm_inst *i)
{
	return (int64_t)((uint64_t)i->time_high << 32 | i->time_low);
}

/* inst.c */
struct dm_inst *dm_inst(const struct dm_object *o, uint16_t iid);
/* Index of the first one that is not below; o->n: there is none. */
unsigned inst_from(const struct dm_object *o, unsigned iid);
int inst_new(struct dm_object *o, uint16_t iid); /* an empty one; LGW_EEXIST, LGW_EINVAL */
void inst_free(struct dm_object *o, struct dm_inst *i);
void inst_share(struct shapes *sh, struct dm_inst *i); /* dm_share */
void inst_get(const struct dm_inst *i, unsigned at, struct value *v);
/* v typed by the definition; false: it was so already. */
bool inst_put(struct shapes *sh, struct dm_inst *i, unsigned at, const struct value *v);
unsigned inst_entry_add(
	struct shapes *sh, struct dm_inst *i, const struct resdef *r, uint16_t riid);
void inst_entry_remove(struct shapes *sh, struct dm_inst *i, unsigned at);

/* tree.c */
struct dm_object *dm_object(const struct dm *dm, uint16_t oid);
void dm_structure(struct dm *dm); /* tell the hook */
/* The lowest id that neither an instance nor a Create under way has; PATH_ID_NONE: all taken. */
uint16_t dm_lowest_free(const struct dm *dm, const struct dm_object *o);
/* Value of an entry: computed or stored. LGW_ENOENT when it has none. */
int dm_entry_value(
	const struct dm_object *o, const struct dm_inst *i, unsigned entry, struct value *out);
/* Store and tell the value hook; v typed by the definition. */
void dm_store(struct dm *dm, struct dm_object *o, struct dm_inst *i, const struct path *p,
	const struct value *v, int64_t time_ms);
void dm_forget(struct dm *dm, struct dm_object *o, struct dm_inst *i, const struct path *p);
/* "1.1" where §6.2 wants it, else NULL; buf of 8. */
const char *dm_version(char *buf, const struct objdef *d);

/* op.c */
struct dm_op *dm_op_new(struct dm *dm, const struct path *p, dm_done_fn done, void *ud);
/* The handler returned r: LGW_PENDING keeps op, else it is finished, its write too, and freed. */
int dm_op_settle(struct dm_op *op, int r);
void dm_ops_cancel(struct dm *dm, const struct path *below);
/* Is an operation under way at exactly this path? */
bool dm_op_at(const struct dm *dm, const struct path *p);

/* attr.c */
void dm_attrs_drop_path(struct dm *dm, const struct path *p);

/* Right and hiddenness: LGW_EACCES for /0 and /21 to any server. */
int dm_may(const struct dm *dm, uint16_t ssid, const struct path *p, enum dm_right right);
/* Tell the hook that an instance came or went. */
void dm_instance_told(struct dm *dm, uint16_t ssid, const struct path *p, bool there);

/* write.c: what dm_txn_commit does in two steps, so that several writes can be one. check: may it
 * be? Certain: apply will not fail then. */
int dm_txn_check(struct dm_txn *t);
bool dm_txn_certain(const struct dm_txn *t);
int dm_txn_apply(struct dm_txn *t, dm_done_fn done, void *ud);
/* write.c: a write of the values that t would change, as they are now, where the object can take a
 * write back (object_ops.reversible), else NULL. whole: there is such a value for each change. */
struct dm_txn *dm_txn_reverse(const struct dm_txn *t, bool *whole);
/* write.c: carry it out where values differ; as dm_txn_apply. */
int dm_txn_restore(struct dm_txn *back, dm_done_fn done, void *ud);
/* undo.c: dm_txn_apply; what a write that is refused has changed all the same is written back,
 * then it ends. */
int dm_txn_attempt(struct dm_txn *t, dm_done_fn done, void *ud);
/* write.c: the write ends, is stored if status is LGW_OK, and freed; its final status. */
int dm_txn_finish(struct dm_txn *t, int status);
/* Its tree is gone, or what it is about. */
void dm_txn_orphan(struct dm_txn *t);

#endif
