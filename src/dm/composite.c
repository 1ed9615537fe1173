/* SPDX-License-Identifier: BSD-3-Clause */
/* Operations on several paths at once (LwM2M 1.1 §6.3.8, §6.3.9). */
#include <stdlib.h>
#include "dm/tree.h"
#include "util/err.h"
#include "util/mem.h"

#define INSTANCES_MAX 64

/* --- reading ------------------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
	return path_cmp(a, b);
}

/* What cannot be read is as if it had not been asked for. */
static int read_one(struct dm *dm, uint16_t ssid, const struct path *p, record_fn fn, void *ud)
{
	int r = dm_read(dm, ssid, p, fn, ud);

	return r == LGW_ENOENT || r == LGW_EACCES || r == LGW_EOP ? LGW_OK : r;
}

static int read_all(struct dm *dm, uint16_t ssid, record_fn fn, void *ud)
{
	int32_t oid = -1;
	int r = LGW_OK;

	while (!r && dm_next(dm, &PATH_ROOT, &oid))
		r = read_one(dm, ssid, &PATH_OBJ(oid), fn, ud);
	return r;
}

int dm_read_composite(
	struct dm *dm, uint16_t ssid, struct path *p, size_t n, record_fn fn, void *ud)
{
	const struct path *last = NULL;
	int r = LGW_OK;

	qsort(p, n, sizeof(*p), by_path);
	for (size_t k = 0; !r && k < n; k++) {
		if (last && path_contains(last, &p[k]))
			continue;
		last = &p[k];
		r = p[k].n ? read_one(dm, ssid, &p[k], fn, ud) : read_all(dm, ssid, fn, ud);
	}
	return r;
}

/* --- writing ------------------------------------------------------------------------------- */

struct dm_batch {
	struct dm *dm;
	uint16_t ssid;
	dm_done_fn done; /* where a device is waited for */
	void *ud;
	size_t n;
	struct part {
		struct path inst;
		struct dm_txn *txn;
	} part[INSTANCES_MAX];
};

struct dm_batch *dm_batch_new(struct dm *dm, uint16_t ssid)
{
	struct dm_batch *b = xcalloc(1, sizeof(*b));

	b->dm = dm;
	b->ssid = ssid;
	return b;
}

void dm_batch_abort(struct dm_batch *b)
{
	if (!b)
		return;
	for (size_t k = 0; k < b->n; k++)
		dm_txn_abort(b->part[k].txn);
	free(b);
}

static struct part *part_of(struct dm_batch *b, const struct path *inst)
{
	for (size_t k = b->n; k--;)
		if (path_eq(&b->part[k].inst, inst))
			return &b->part[k];
	return NULL;
}

/* Each record stands for itself: it must be one that could be written alone. */
static int writable(const struct dm_batch *b, const struct path *p)
{
	struct dm_txn *t;
	int r = dm_txn_begin(b->dm, b->ssid, DM_UPDATE, p, &t);

	if (!r)
		dm_txn_abort(t);
	return r;
}

int dm_batch_add(struct dm_batch *b, const struct record *r)
{
	struct path inst = PATH_INST(r->path.id[0], r->path.id[1]);
	struct part *part = part_of(b, &inst);
	int status = writable(b, &r->path);

	if (status)
		return status;
	if (!part) {
		if (b->n == INSTANCES_MAX)
			return LGW_ETOOBIG;
		part = &b->part[b->n];
		part->inst = inst;
		status = dm_txn_begin(b->dm, b->ssid, DM_UPDATE, &inst, &part->txn);
		if (status)
			return status;
		b->n++;
	}
	return dm_txn_add(part->txn, r);
}

/* What belongs to a device goes first: when it has agreed, nothing else can fail. */
static int device_first(struct dm_batch *b)
{
	for (size_t k = 0; k < b->n; k++) {
		struct part part = b->part[k];

		if (dm_txn_certain(part.txn))
			continue;
		if (k && !dm_txn_certain(b->part[0].txn))
			return LGW_EINVAL; /* what one of them has done cannot be undone */
		b->part[k] = b->part[0];
		b->part[0] = part;
	}
	return LGW_OK;
}

static int check_from(const struct dm_batch *b, size_t from)
{
	int r = LGW_OK;

	for (size_t k = from; !r && k < b->n; k++)
		r = dm_txn_check(b->part[k].txn);
	return r;
}

static int apply_from(struct dm_batch *b, size_t from)
{
	int r = LGW_OK;

	for (size_t k = from; k < b->n; k++) {
		int one = dm_txn_apply(b->part[k].txn, NULL, NULL);

		b->part[k].txn = NULL;
		r = r ? r : one;
	}
	return r;
}

/* The device's part ended, and is written or dropped. Instances may have gone meanwhile. */
static int rest(struct dm_batch *b, int status)
{
	b->part[0].txn = NULL;
	status = status ? status : check_from(b, 1);
	status = status ? status : apply_from(b, 1);
	dm_batch_abort(b);
	return status;
}

static void device_done(void *ud, int status)
{
	struct dm_batch *b = ud;
	dm_done_fn done = b->done;
	void *done_ud = b->ud;

	done(done_ud, rest(b, status));
}

int dm_batch_commit(struct dm_batch *b, dm_done_fn done, void *ud)
{
	int r = b->n ? device_first(b) : LGW_EINVAL;

	r = r ? r : check_from(b, 0);
	if (r) {
		dm_batch_abort(b);
		return r;
	}
	b->done = done;
	b->ud = ud;
	r = dm_txn_apply(b->part[0].txn, device_done, b);
	return r == LGW_PENDING ? r : rest(b, r);
}
