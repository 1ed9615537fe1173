/* SPDX-License-Identifier: BSD-3-Clause */
/* What gives an object behaviour: a const table, all members optional. */
#ifndef DM_OBJECT_H
#define DM_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "types/path.h"
#include "types/value.h"

/* A deferred result: hold it, then end it once with dm_op_done (dm/dm.h), also when the tree is
 * gone by then: its asker was told LGW_ECANCELED, and nothing is stored. */
struct dm_op;

enum dm_change_kind {
	DM_SET,  /* resource or resource instance gets value */
	DM_CLEAR /* resource (instance) goes, by a replace */
};

/* One validated change of an operation, value typed by the definition. */
struct dm_change {
	enum dm_change_kind kind;
	struct path path;
	struct value value;
	bool handled; /* set by apply: the tree shall not store it (its owner reports it) */
};

/* One parsed argument of an Execute: digit, and text or NULL (LwM2M 1.0 §5.4.5). */
struct dm_arg {
	uint8_t digit;
	const char *value; /* or NULL; not NUL-terminated */
	size_t len;
};

/* Where a large opaque value goes part by part, as it comes, instead of into a change set. */
struct dm_stream_ops {
	/* May ssid write it now? A number for this transfer, 1 or more; LGW_ENOTSUP: not in parts,
	 * or an error. */
	int (*begin)(void *ud, uint16_t ssid, const struct path *p);
	/* LGW_OK, or the error that ends the transfer; end follows all the same. */
	int (*write)(void *ud, const struct path *p, int id, const uint8_t *b, size_t len);
	/* All of it came, or no more will come. The result is what the asker is told. */
	int (*end)(void *ud, const struct path *p, int id, bool whole);
};

/* ssid: short server id of who asks; 0: the gateway itself (bus, configuration). */
struct object_ops {
	/* A value that is computed, not stored. LGW_ENOENT: take what the tree has. Text lives
	 * until the next call. */
	int (*read)(void *ud, const struct path *p, struct value *out);
	/* Fresh values at or below p are wanted by a Read: LGW_OK, LGW_PENDING (set them, then end
	 * op) or an error. NULL: what the tree has is fresh. */
	int (*refresh)(void *ud, uint16_t ssid, const struct path *p, struct dm_op *op);
	/* Refuse a change set before anything happens: LGW_EINVAL (4.00) … Without side effects. */
	int (*check)(void *ud, uint16_t ssid, const struct dm_change *c, size_t n);
	/* Carry it out where a device or hook is behind it: LGW_OK, LGW_PENDING (op is ended
	 * later; c stays valid until then) or an error. Called after check, all or nothing. An
	 * instance that Create makes is in the tree only after success; its id is taken. */
	int (*apply)(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op);
	/* The tree holds the new values now. */
	void (*committed)(void *ud, uint16_t ssid, const struct dm_change *c, size_t n);
	/* Large values in parts; NULL: all of them come by apply. */
	const struct dm_stream_ops *stream;
	/* LGW_OK, LGW_PENDING or an error. */
	int (*execute)(void *ud, uint16_t ssid, const struct path *p, const struct dm_arg *args,
		size_t nargs, struct dm_op *op);
	/* May a server create or delete this instance? Without side effects. NULL: LGW_EOP. */
	int (*create)(void *ud, uint16_t ssid, uint16_t iid);
	int (*remove)(void *ud, uint16_t ssid, uint16_t iid);
	/* An instance is gone, by whomever. */
	void (*removed)(void *ud, uint16_t iid);
	/* A write to a writable resource that is not there makes it; else it is LGW_ENOENT. */
	bool writes_make_resources;
	/* apply may take some of its changes and refuse others; the old values, applied in turn,
	 * take the former back. */
	bool reversible;
	/* apply never fails and never comes later, once check let it pass. */
	bool applies_always;
	/* What servers write is in the hands of whoever stands behind it, instances included. */
	bool keeps_itself;
	/* A state that it had kept by obj_env.keep in an earlier life; NULL: it keeps none. */
	int (*recall)(void *ud, const struct path *p, const struct value *v);
	/* The object goes, or its tree: ud is not used any more. */
	void (*destroy)(void *ud);
};

#endif
