/* SPDX-License-Identifier: BSD-3-Clause */
/* Execute, Delete, and results that come later. */
#include "dm/tree.h"

#include <stdlib.h>
#include <string.h>
#include "dm/args.h"
#include "util/err.h"
#include "util/mem.h"

struct dm_op *dm_op_new(struct dm *dm, const struct path *p, dm_done_fn done, void *ud)
{
	struct dm_op *op = xcalloc(1, sizeof(*op));

	op->dm = dm;
	op->path = *p;
	op->done = done;
	op->ud = ud;
	op->inside = true;
	LIST_INSERT_HEAD(&dm->pending, op, next);
	return op;
}

static int finish(struct dm_op *op, int status)
{
	dm_done_fn done = op->done;
	void *ud = op->ud;

	if (op->dm)
		LIST_REMOVE(op, next);
	if (op->txn)
		status = dm_txn_finish(op->txn, status);
	free(op);
	if (done)
		done(ud, status);
	return status;
}

void dm_op_done(struct dm_op *op, int status)
{
	if (op->inside) { /* the handler ended it before it returned */
		op->ended = true;
		op->status = status;
		return;
	}
	finish(op, status);
}

int dm_op_settle(struct dm_op *op, int r)
{
	op->inside = false;
	if (r == LGW_PENDING && !op->ended && op->dm)
		return r;
	op->done = NULL; /* the result is returned */
	if (r == LGW_PENDING && !op->ended)
		return LGW_ECANCELED; /* by the handler's own doing; it still holds op */
	return finish(op, r == LGW_PENDING ? op->status : r);
}

/* Who asked is told at once; op stays for its holder, whose dm_op_done frees it. */
static void cancel(struct dm_op *op)
{
	dm_done_fn done = op->done;

	LIST_REMOVE(op, next);
	op->dm = NULL;
	op->done = NULL;
	if (op->txn)
		dm_txn_orphan(op->txn);
	if (done && !op->inside)
		done(op->ud, LGW_ECANCELED);
}

void dm_ops_cancel(struct dm *dm, const struct path *below)
{
	struct dm_op *op = LIST_FIRST(&dm->pending);

	while (op) {
		bool here = path_contains(below, &op->path);
		struct dm_op *next = LIST_NEXT(op, next);

		if (here)
			cancel(op);
		op = here ? LIST_FIRST(&dm->pending) : next; /* whatever the callback did */
	}
}

bool dm_op_at(const struct dm *dm, const struct path *p)
{
	const struct dm_op *op;

	LIST_FOREACH(op, &dm->pending, next)
		if (path_eq(&op->path, p))
			return true;
	return false;
}

int dm_executable(const struct dm *dm, uint16_t ssid, const struct path *p)
{
	const struct dm_object *o = p->n ? dm_object(dm, p->id[0]) : NULL;
	const struct resdef *res;
	int r;

	if (p->n && !o)
		return LGW_ENOENT;
	r = dm_may(dm, ssid, p, DM_X);
	if (r)
		return r;
	if (!dm_exists(dm, p))
		return LGW_ENOENT;
	res = p->n >= 3 ? objdef_res(o->def, p->id[2]) : NULL;
	return p->n == 3 && res && res->ops & RES_E && o->ops->execute ? LGW_OK : LGW_EOP;
}

int dm_execute(struct dm *dm, uint16_t ssid, const struct path *p, const uint8_t *args, size_t len,
	dm_done_fn done, void *ud)
{
	struct dm_arg parsed[DM_ARGS_MAX];
	const struct dm_object *o;
	struct dm_op *op;
	size_t n;
	int r = dm_executable(dm, ssid, p);

	r = r ? r : dm_args_parse(args, len, parsed, &n);
	if (r)
		return r;
	o = dm_object(dm, p->id[0]);
	op = dm_op_new(dm, p, done, ud);
	return dm_op_settle(op, o->ops->execute(o->ud, ssid, p, parsed, n, op));
}

bool dm_refreshes(const struct dm *dm, uint16_t oid)
{
	const struct dm_object *o = dm_object(dm, oid);

	return o && o->ops->refresh;
}

int dm_refresh(struct dm *dm, uint16_t ssid, const struct path *p, dm_done_fn done, void *ud)
{
	struct dm_object *o = p->n ? dm_object(dm, p->id[0]) : NULL;
	struct dm_op *op;

	/* Nobody is asked for what may not be read, or is not there. */
	if (!o || !o->ops->refresh || dm_may(dm, ssid, p, DM_R) || !dm_exists(dm, p))
		return LGW_OK;
	if (!done && dm_op_at(dm, p))
		return LGW_OK;
	op = dm_op_new(dm, p, done, ud);
	return dm_op_settle(op, o->ops->refresh(o->ud, ssid, p, op));
}

int dm_delete(struct dm *dm, uint16_t ssid, const struct path *p)
{
	struct dm_object *o = p->n ? dm_object(dm, p->id[0]) : NULL;
	int r;

	if (!p->n)
		return LGW_EOP;
	if (!o)
		return LGW_ENOENT;
	r = dm_may(dm, ssid, p, DM_D);
	if (r)
		return r;
	if (!dm_exists(dm, p))
		return LGW_ENOENT;
	if (p->n != 2 || (ssid && !o->ops->remove))
		return LGW_EOP;
	r = o->ops->remove ? o->ops->remove(o->ud, ssid, p->id[1]) : LGW_OK;
	return r ? r : dm_instance_remove(dm, p->id[0], p->id[1]);
}
