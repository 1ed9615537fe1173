/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The data model of one client: objects, instances, values, and the operations of the Device
 * Management interface on them (LwM2M 1.0 §5.4). No sockets, no clock, no content formats.
 */
#ifndef DM_DM_H
#define DM_DM_H

#include "dm/object.h"
#include "dm/objdef.h"
#include "types/attr.h"
#include "types/record.h"

struct dm;

/* Rights as bits of an ACL (LwM2M 1.0 E.3). Discover needs none. */
enum dm_right { DM_R = 1u, DM_W = 2u, DM_X = 4u, DM_D = 8u, DM_C = 16u, DM_DISCOVER = 32u };

/*
 * Hooks and callbacks are called from within the functions below. A value hook must not change the
 * tree; a structure hook, a dm_done_fn and the object_ops may (dm_set, dm_touch, instances), but
 * none of them may free the dm or remove the object that is calling.
 */
struct dm_hooks {
	/* A resource (instance) has a new value, or lost it (v NULL), by whomever; also when the
	 * same value was set again with changed = false. Must not change the tree. */
	void (*value)(void *ud, const struct path *p, const struct value *v, int64_t time_ms,
		bool changed);
	/* Objects or instances came or went: registrations need an Update. */
	void (*structure)(void *ud);
	/* May this server do this? LGW_OK or LGW_EACCES. NULL: every server may everything. */
	int (*access)(void *ud, uint16_t ssid, const struct path *p, enum dm_right right);
	/* An instance or object came or went, by this server, 0: by its owner. An object takes
	 * its instances with it. It may change other objects. */
	void (*instance)(void *ud, uint16_t ssid, const struct path *p, bool there);
	/*
	 * A server wrote here what the tree alone keeps: it is about to hold v; NULL: nothing any
	 * more, a value of VT_NONE: a multiple resource without instances. What an object keeps
	 * itself (object_ops.keeps_itself) or carries out (dm_change.handled) is not told.
	 */
	void (*written)(void *ud, uint16_t ssid, const struct path *p, const struct value *v);
	/* The attributes of a server at p are these now; none set: they are gone. */
	void (*attrs)(void *ud, uint16_t ssid, const struct path *p, const struct attrs *a);
};

struct dm *dm_new(const struct dm_hooks *hooks, void *ud); /* hooks: NULL or a loan */
/* Operations that are pending end with LGW_ECANCELED first. Takes NULL. */
void dm_free(struct dm *dm);

/* --- the owner's side ---------------------------------------------------------------------- */

/* Keeps the set that def belongs to alive. LGW_EEXIST. */
int dm_object_add(struct dm *dm, const struct objdef *def, const struct object_ops *ops, void *ud);
void dm_object_remove(struct dm *dm, uint16_t oid);
const struct objdef *dm_object_def(const struct dm *dm, uint16_t oid); /* NULL: not there */
/* A new instance; iid PATH_ID_NONE: the lowest free one. Returns the id or an error. */
int dm_instance_add(struct dm *dm, uint16_t oid, uint16_t iid);
int dm_instance_remove(struct dm *dm, uint16_t oid, uint16_t iid);
bool dm_exists(const struct dm *dm, const struct path *p);
/* May servers make instances of this object at all? Delete this one? */
bool dm_creatable(const struct dm *dm, uint16_t oid);
bool dm_removable(const struct dm *dm, const struct path *instance);
/* Set a value as its owner: coerced to the definition's type, range not enforced, read-only is no
 * obstacle. A resource that is not there yet comes to be. A single resource takes a path of
 * depth 3, a multiple one depth 4. time_ms: of the reading, 0: none. */
int dm_set(struct dm *dm, const struct path *p, const struct value *v, int64_t time_ms);
/* It goes, with its attributes; the last instance of a multiple resource leaves it there, empty. */
int dm_unset(struct dm *dm, const struct path *p);
/* An executable or a computed resource is made present without a value. */
int dm_declare(struct dm *dm, const struct path *p);
/* Many trees have an instance with these values: they are kept once, until one of them changes. */
void dm_share(struct dm *dm, uint16_t oid, uint16_t iid);
/* Value of a resource (instance), computed ones included; time_ms may be NULL. A loan until the
 * next change; a stored text is followed by a NUL. LGW_ENOENT. */
int dm_get(const struct dm *dm, const struct path *p, struct value *out, int64_t *time_ms);
/* Another number after each change of what lies at or below p ("/" or an object, for all below). */
uint32_t dm_generation(const struct dm *dm, const struct path *p);
/* A computed value changed: fires hooks.value. */
void dm_touch(struct dm *dm, const struct path *p);
/* Does the tree alone keep what servers write there, so that their writes can be told by
 * dm_hooks.written, and none comes later? */
bool dm_keeps(const struct dm *dm, uint16_t oid);
/* What a server wrote in an earlier life, as dm_hooks.written told it, is written again: checked
 * like a Write of this resource or resource instance. LGW_ENOENT, LGW_EINVAL, an error of the
 * object. */
int dm_rewrite(struct dm *dm, const struct path *p, const struct value *v);
/* A state that the object had kept by itself (obj_env.keep). LGW_ENOTSUP: it keeps none there. */
int dm_recall(struct dm *dm, const struct path *p, const struct value *v);
/* Ids below: objects (path "/"), instances, resources, resource instances; *it starts at -1. */
bool dm_next(const struct dm *dm, const struct path *parent, int32_t *it);

/* --- operations of a server ---------------------------------------------------------------- */

/* Ends a deferred result, once; status as in object_ops. Also to be called when the operation was
 * canceled meanwhile (instance, object or dm gone): then it only gives op back. */
void dm_op_done(struct dm_op *op, int status);
typedef void (*dm_done_fn)(void *ud, int status);

/* May this server read something at or below p at present (§7.3.2.5)? */
bool dm_readable(const struct dm *dm, uint16_t ssid, const struct path *p);
/* Has this object values that a device is asked for? Then dm_refresh comes before dm_read. */
bool dm_refreshes(const struct dm *dm, uint16_t oid);
/* Ask for fresh values at or below p where they are behind a device: LGW_OK (what the tree has is
 * fresh), LGW_PENDING (done is called once, never from within; then read), or an error. Rights and
 * existence are for the read to tell. Without done, nothing where p is asked for already. */
int dm_refresh(struct dm *dm, uint16_t ssid, const struct path *p, dm_done_fn done, void *ud);
/* Read / Observe: one record per value below p, in depth-first order, without what may not be
 * read (an error if p names just that). Empty instances and multiple resources that lie at or
 * above p give a record with VT_NONE. */
int dm_read(struct dm *dm, uint16_t ssid, const struct path *p, record_fn fn, void *ud);

enum dm_write_mode {
	DM_REPLACE,  /* PUT: what is not named goes, as far as it may be written */
	DM_UPDATE,   /* POST: what is not named stays; multiple resources are merged */
	DM_CREATE,   /* POST on an object: the records make one new instance */
	DM_BOOTSTRAP /* Bootstrap-Write on object, instance or resource: see below */
};
struct dm_txn;
/* Checks path, rights and that a write is possible at all. A resource that may be
 * written need not be there yet where its object says so (§5.4.3: adds or updates). */
int dm_txn_begin(struct dm *dm, uint16_t ssid, enum dm_write_mode mode, const struct path *p,
	struct dm_txn **out);
/* One decoded record: validated and coerced against the definition (range, type, operations). */
int dm_txn_add(struct dm_txn *t, const struct record *r);
/* Path and reason of the record that was refused last, "/1/0/1: out of range"; empty: none was. */
void dm_txn_why(const struct dm_txn *t, char *buf, size_t size);
/* All or nothing. LGW_OK, an error, or LGW_PENDING: then done is called once, never from within.
 * A device that took some values and refused another gets its old ones back first, as far as they
 * are known (object_ops.reversible); not where the write ends with LGW_ECANCELED.
 * Frees t in every case. Created: *iid (may be NULL) gets the id; iid_by_client tells who chose. */
int dm_txn_commit(struct dm_txn *t, dm_done_fn done, void *ud, uint16_t *iid, bool *iid_by_client);
void dm_txn_abort(struct dm_txn *t); /* takes NULL */

/*
 * Write-Composite (LwM2M 1.1 §6.3.9): records below any instance, as one write: all or nothing.
 * Instances of a device, which may refuse, are written first, one after the other, and all else
 * when they have agreed. Where one refuses, the others get their old values back. Two instances of
 * which that cannot be said (a value is not known, or cannot be taken back) are refused with
 * LGW_EINVAL before anything is written.
 */
struct dm_batch;
struct dm_batch *dm_batch_new(struct dm *dm, uint16_t ssid);
int dm_batch_add(struct dm_batch *b, const struct record *r); /* as dm_txn_begin, dm_txn_add */
void dm_batch_why(const struct dm_batch *b, char *buf, size_t size); /* as dm_txn_why */
/* As dm_txn_commit. Frees b in every case. */
int dm_batch_commit(struct dm_batch *b, dm_done_fn done, void *ud);
void dm_batch_abort(struct dm_batch *b); /* takes NULL */
/*
 * Read-Composite (§6.3.8): what can be read below each of these paths, each value once, in the
 * order of the tree; paths that name nothing that may be read are left out. The list is sorted.
 */
int dm_read_composite(
	struct dm *dm, uint16_t ssid, struct path *p, size_t n, record_fn fn, void *ud);

/* A large value in parts: as dm_stream_ops, after rights and existence. LGW_ENOTSUP: this one is
 * written whole, by a transaction. */
int dm_stream_begin(struct dm *dm, uint16_t ssid, const struct path *p);
int dm_stream_write(struct dm *dm, const struct path *p, int id, const uint8_t *b, size_t len);
int dm_stream_end(struct dm *dm, const struct path *p, int id, bool whole);

/* May p be executed by ssid? What dm_execute says first. */
int dm_executable(const struct dm *dm, uint16_t ssid, const struct path *p);
/* args as they came (text/plain), parsed here. Results as dm_txn_commit. */
int dm_execute(struct dm *dm, uint16_t ssid, const struct path *p, const uint8_t *args, size_t len,
	dm_done_fn done, void *ud);
int dm_delete(struct dm *dm, uint16_t ssid, const struct path *p);
/* c NULL: they were ill-formed. LGW_EINVAL, unless something else comes first. */
int dm_write_attrs(
	struct dm *dm, uint16_t ssid, const struct path *p, const struct attrs_change *c);
/* Attributes of ssid assigned exactly at p. */
void dm_attrs_own(const struct dm *dm, uint16_t ssid, const struct path *p, struct attrs *out);
/* Those and the inherited ones, lower levels winning (§5.1.1). */
void dm_attrs_effective(
	const struct dm *dm, uint16_t ssid, const struct path *p, struct attrs *out);
/* Those of an earlier life, of something that may not have come to be yet. LGW_EINVAL, LGW_ENOMEM.
 */
int dm_attrs_restore(struct dm *dm, uint16_t ssid, const struct path *p, const struct attrs *a);
/* Forget all attributes of a server (it is gone). */
void dm_attrs_drop(struct dm *dm, uint16_t ssid);
/* The attrs hook is told all that are set. */
void dm_attrs_tell(struct dm *dm);

/* One link of a Discover: path, its own attributes to show, dim (number of resource instances, or
 * -1), version "1.1" or NULL; of a Bootstrap-Discover: ssid, 0: none, and uri (of uri_len) or NULL.
 */
struct dm_link {
	struct path path;
	struct attrs attrs;
	int dim;
	const char *version;
	uint16_t ssid;
	const char *uri;
	uint32_t uri_len;
};
typedef int (*dm_link_fn)(void *ud, const struct dm_link *l);
#define DM_DEPTH_DEFAULT (-1) /* objects: 2, instances and resources: 1 */
/* Discover (§5.4.2) at object, instance, resource; depth: levels below p that are told (1.2
 * §6.3.2), resource instances at most. */
int dm_discover(
	struct dm *dm, uint16_t ssid, const struct path *p, int depth, dm_link_fn fn, void *ud);
/* --- operations of a bootstrap server (§5.2.7) --------------------------------------------- */

/*
 * Bootstrap-Write is a transaction of mode DM_BOOTSTRAP and ssid 0, at object, instance or
 * resource: whatever is there and whatever may be written otherwise. Instances that the records
 * name are replaced whole or made; optional resources that the definition does not know are passed
 * over. LGW_EINVAL: no such object, or a mandatory resource is missing.
 */

/* Bootstrap-Delete of an instance, an object, or all ("/"). What only the device itself can make is
 * spared (/3, and all objects without object_ops.remove), and the bootstrap server's own account
 * with its keys of OSCORE (/0/x/17).
 */
int dm_bootstrap_delete(struct dm *dm, const struct path *p);
/* Bootstrap-Discover at "/" or an object: /0 and /21 too, accounts with their short server id, and
 * with their URI (1.1). */
int dm_bootstrap_discover(struct dm *dm, const struct path *p, dm_link_fn fn, void *ud);
/* Bootstrap-Read (1.1): objects 1 and 2 and their instances. */
int dm_bootstrap_read(struct dm *dm, const struct path *p, record_fn fn, void *ud);

/* Object list of Register: objects without instances, instances; without /0 and /21; version as
 * §6.2 wants it. */
int dm_list(struct dm *dm, dm_link_fn fn, void *ud);

#endif
