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
	int status; /* why it is taken back */
	const struct part *bad;
	size_t n, at; /* at: parts that were written */
	struct part {
		struct path inst;
		struct dm_txn *txn;
		struct dm_txn *back; /* what takes it back; or NULL */
		uint8_t turn;
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
	for (size_t k = 0; k < b->n; k++) {
		dm_txn_abort(b->part[k].txn);
		dm_txn_abort(b->part[k].back);
	}
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

	b->bad = NULL;
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
	b->bad = part;
	return dm_txn_add(part->txn, r);
}

void dm_batch_why(const struct dm_batch *b, char *buf, size_t size)
{
	*buf = '\0';
	if (b->bad)
		dm_txn_why(b->bad->txn, buf, size);
}

/*
 * What a device may refuse goes first, while all of it can be taken back: then what cannot (one of
 * them at most), then what cannot fail.
 */
enum { TURN_REVERSIBLE, TURN_UNCERTAIN, TURN_CERTAIN };

static int by_turn(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return x->turn != y->turn ? x->turn - y->turn : path_cmp(&x->inst, &y->inst);
}

static int take_turns(struct dm_batch *b)
{
	unsigned uncertain = 0;

	for (size_t k = 0; k < b->n; k++) {
		struct part *p = &b->part[k];
		bool whole = false;

		if (!dm_txn_certain(p->txn))
			p->back = dm_txn_reverse(p->txn, &whole);
		p->turn = dm_txn_certain(p->txn) ? TURN_CERTAIN
			  : whole                ? TURN_REVERSIBLE
						 : TURN_UNCERTAIN;
		uncertain += p->turn == TURN_UNCERTAIN;
	}
	qsort(b->part, b->n, sizeof(b->part[0]), by_turn);
	return uncertain < 2 ? LGW_OK : LGW_EINVAL;
}

static int check_rest(const struct dm_batch *b)
{
	int r = LGW_OK;

	for (size_t k = b->at; !r && k < b->n; k++)
		r = dm_txn_check(b->part[k].txn);
	return r;
}

static void finish(struct dm_batch *b, int status)
{
	dm_done_fn done = b->done;
	void *ud = b->ud;

	dm_batch_abort(b);
	done(ud, status);
}

static void taken_back(void *ud, int status);

/* The last one first. LGW_PENDING: taken_back goes on. */
static int take_back(struct dm_batch *b)
{
	int r = LGW_OK;

	while (r != LGW_PENDING && b->at) {
		struct dm_txn *back = b->part[--b->at].back;

		b->part[b->at].back = NULL;
		r = back ? dm_txn_restore(back, taken_back, b) : LGW_OK;
	}
	return r == LGW_PENDING ? r : b->status;
}

static void taken_back(void *ud, int status)
{
	struct dm_batch *b = ud;
	int r = status == LGW_ECANCELED ? b->status : take_back(b);

	if (r != LGW_PENDING)
		finish(b, r);
}

static void part_done(void *ud, int status);

/* From b->at on; what was written is taken back where a later one fails. LGW_PENDING: part_done
 * goes on. */
static int go_on(struct dm_batch *b, int status)
{
	/* Instances may have gone while a device was waited for. */
	status = status ? status : check_rest(b);
	while (!status && b->at < b->n) {
		struct dm_txn *t = b->part[b->at].txn;

		status = dm_txn_check(t);
		if (status)
			break;
		b->part[b->at].txn = NULL;
		status = dm_txn_attempt(t, part_done, b);
		if (!status)
			b->at++;
	}
	if (!status || status == LGW_PENDING || status == LGW_ECANCELED)
		return status;
	b->status = status;
	return take_back(b);
}

static void part_done(void *ud, int status)
{
	struct dm_batch *b = ud;
	int r;

	if (!status)
		b->at++;
	r = go_on(b, status);
	if (r != LGW_PENDING)
		finish(b, r);
}

int dm_batch_commit(struct dm_batch *b, dm_done_fn done, void *ud)
{
	int r = b->n ? take_turns(b) : LGW_EINVAL;

	b->done = done;
	b->ud = ud;
	r = r ? r : go_on(b, LGW_OK);
	if (r != LGW_PENDING)
		dm_batch_abort(b);
	return r;
}
