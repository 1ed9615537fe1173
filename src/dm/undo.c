/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device that takes one value of a write and refuses the next: what it took is written back to it
 * before the asker is told, where its object says that this can be done (object_ops.reversible).
 */
#include <stdlib.h>
#include "dm/tree.h"
#include "util/err.h"
#include "util/mem.h"

struct attempt {
	struct dm_txn *back; /* the values as they were */
	dm_done_fn done;
	void *ud;
	int status; /* why the write was refused */
};

/* Nothing is written back when the device, its instance or the whole client is about to go. */
static bool undone_by(int status)
{
	return status && status != LGW_ECANCELED;
}

static int end(struct attempt *a, int status)
{
	dm_txn_abort(a->back);
	free(a);
	return status;
}

/* What the device says to its old values changes nothing for the asker. */
static void written_back(void *ud, int status)
{
	struct attempt *a = ud;
	dm_done_fn done = a->done;
	void *done_ud = a->ud;

	(void)status;
	done(done_ud, end(a, a->status));
}

/* LGW_PENDING: a ends later. */
static int ended(struct attempt *a, int status)
{
	struct dm_txn *back = a->back;

	if (!undone_by(status))
		return end(a, status);
	a->back = NULL;
	a->status = status;
	return dm_txn_restore(back, written_back, a) == LGW_PENDING ? LGW_PENDING : end(a, status);
}

static void attempted(void *ud, int status)
{
	struct attempt *a = ud;
	dm_done_fn done = a->done;
	void *done_ud = a->ud;
	int r = ended(a, status);

	if (r != LGW_PENDING)
		done(done_ud, r);
}

int dm_txn_attempt(struct dm_txn *t, dm_done_fn done, void *ud)
{
	bool whole;
	struct dm_txn *back = dm_txn_reverse(t, &whole);
	struct attempt *a;
	int r;

	if (!back)
		return dm_txn_apply(t, done, ud);
	a = xcalloc(1, sizeof(*a));
	*a = (struct attempt){ .back = back, .done = done, .ud = ud };
	r = dm_txn_apply(t, attempted, a);
	return r == LGW_PENDING ? r : ended(a, r);
}
