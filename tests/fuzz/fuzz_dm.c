/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tree: arguments of Execute, ranges of definitions, attribute queries, and operations of
 * servers in any order. What fails leaves the tree as it was; what is accepted is within its
 * definition.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "dm/args.h"
#include "dm/dm.h"
#include "dm/range.h"
#include "util/err.h"
#include "util/map.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ITEM(id_, ops_, many_, must_, type_, range_)                                  \
	"<Item ID=\"" id_ "\"><Name>R" id_ "</Name><Operations>" ops_ "</Operations>" \
	"<MultipleInstances>" many_ "</MultipleInstances><Mandatory>" must_           \
	"</Mandatory><Type>" type_ "</Type><RangeEnumeration>" range_                 \
	"</RangeEnumeration><Units/></Item>"

static const char xml[] =
	"<LWM2M><Object><Name>Many</Name><ObjectID>7</ObjectID>"
	"<MultipleInstances>Multiple</MultipleInstances><Mandatory>Optional</"
	"Mandatory><Resources>" ITEM("0", "RW", "Multiple", "Mandatory", "String", "") ITEM(
		"1", "RW", "Single", "Optional", "Integer", "0..3, 99") ITEM("2", "R", "Single",
		"Optional", "Float", "") ITEM("3", "E", "Single", "Optional", "", "") ITEM("4", "W",
		"Single", "Optional", "Opaque", "") ITEM("5", "RW", "Single", "Optional", "Boolean",
		"") "</Resources></Object><Object><Name>One</Name><ObjectID>8</ObjectID>"
		    "<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</"
		    "Mandatory><Resources>" ITEM("0", "RW", "Single", "Mandatory", "Objlnk", "")
			    ITEM("1", "RW", "Multiple", "Optional", "Time",
				    "") "</Resources></Object></LWM2M>";

struct input {
	const uint8_t *p;
	size_t n;
};

static uint8_t byte(struct input *in)
{
	if (!in->n)
		return 0;
	in->n--;
	return *in->p++;
}

/* Small ids and now and then the one that is none. */
static struct path path(struct input *in)
{
	struct path p = { .n = (uint8_t)(byte(in) % 5) };

	for (unsigned k = 0; k < p.n; k++) {
		uint8_t b = byte(in);

		p.id[k] = k ? b & 7 : 7 + (b & 1);
		if (b > 250)
			p.id[k] = PATH_ID_NONE;
	}
	return p;
}

/* --- what is in it ------------------------------------------------------------------------- */

static int mix(void *ud, const struct record *r)
{
	uint64_t *h = ud;
	char text[512];
	int n = value_text(text, sizeof(text), &r->value);

	assert(n >= 0 || n == LGW_ETOOBIG);
	for (unsigned k = 0; k < r->path.n; k++)
		*h = map_hash_u64(r->path.id[k], *h);
	*h = map_hash_bytes(text, n > 0 ? (size_t)n : 0, *h + r->value.type);
	return LGW_OK;
}

static uint64_t digest(struct dm *dm)
{
	uint64_t h = 1;

	for (uint16_t oid = 7; oid <= 8; oid++)
		assert(dm_read(dm, 0, &PATH_OBJ(oid), mix, &h) == LGW_OK);
	return h;
}

static int within(void *ud, const struct record *r)
{
	const struct objdef *d = dm_object_def(ud, r->path.id[0]);

	if (r->path.n >= 3 && r->value.type != VT_NONE) {
		const struct resdef *res = objdef_res(d, r->path.id[2]);

		assert(res && r->value.type == (enum value_type)res->type);
		assert(range_holds(res, &r->value));
		assert(res->multiple == (r->path.n == 4));
	}
	return LGW_OK;
}

/* --- operations ---------------------------------------------------------------------------- */

static int write(struct dm *dm, struct input *in)
{
	static const enum dm_write_mode modes[] = { DM_REPLACE, DM_UPDATE, DM_CREATE,
		DM_BOOTSTRAP };
	enum dm_write_mode mode = modes[byte(in) % 4];
	struct path base = path(in);
	struct dm_txn *t;
	int r = dm_txn_begin(dm, mode == DM_BOOTSTRAP ? 0 : 1, mode, &base, &t);

	for (unsigned k = byte(in) % 6; !r && k; k--) {
		struct record rec = { .path = path(in), .value = { .type = VT_RAW_TEXT } };
		uint8_t len = byte(in) % 8;

		if (base.n && byte(in) & 1) /* below what is written, mostly */
			memcpy(rec.path.id, base.id, base.n * sizeof(base.id[0]));
		if (len > in->n)
			len = (uint8_t)in->n;
		rec.value.u.s.p = in->p;
		rec.value.u.s.len = len;
		in->p += len;
		in->n -= len;
		if (len == 7)
			rec.value.type = VT_NONE;
		r = dm_txn_add(t, &rec);
		if (r)
			dm_txn_abort(t);
	}
	return r ? r : dm_txn_commit(t, NULL, NULL, NULL, NULL);
}

static void attributes(struct dm *dm, struct input *in)
{
	struct attrs_change c = { 0 };
	struct path p = path(in);
	struct attrs a;
	size_t len = byte(in) % 16;

	len = len > in->n ? in->n : len;
	if (!attr_parse(&c, (const char *)in->p, len) && !dm_write_attrs(dm, 1, &p, &c)) {
		dm_attrs_effective(dm, 1, &p, &a);
		assert(!(a.set & ATTR_GT && a.set & ATTR_LT) || a.lt < a.gt);
	}
	in->p += len;
	in->n -= len;
}

static int no_link(void *ud, const struct dm_link *l)
{
	assert(l->path.n || ud);
	return LGW_OK;
}

static void step(struct dm *dm, struct input *in)
{
	uint64_t before = digest(dm);
	struct path p;
	int r = LGW_OK;

	switch (byte(in) % 6) {
	case 0:
	case 1:
		r = write(dm, in);
		break;
	case 2:
		p = path(in);
		r = dm_delete(dm, 1, &p);
		break;
	case 3:
		attributes(dm, in);
		break;
	case 4:
		p = path(in);
		dm_discover(dm, 1, &p, byte(in) % 5 - 1, no_link, NULL);
		dm_bootstrap_discover(dm, &p, no_link, dm);
		break;
	default:
		p = path(in);
		r = dm_bootstrap_delete(dm, &p);
	}
	if (r)
		assert(digest(dm) == before);
	for (uint16_t oid = 7; oid <= 8; oid++)
		dm_read(dm, 0, &PATH_OBJ(oid), within, dm);
}

static int may(void *ud, uint16_t ssid, uint16_t iid)
{
	(void)ud, (void)ssid, (void)iid;
	return LGW_OK;
}
static const struct object_ops ops = {
	.create = may, .remove = may, .writes_make_resources = true
};

static void operations(struct input *in)
{
	struct objdefs *defs = objdefs_new();
	struct dm *dm = dm_new(NULL, NULL);
	char text[128];

	assert(objdefs_load_mem(defs, "fuzz", xml, strlen(xml), text, sizeof(text)) == 2);
	dm_object_add(dm, objdefs_find(defs, 7), &ops, NULL);
	dm_object_add(dm, objdefs_find(defs, 8), &ops, NULL);
	dm_instance_add(dm, 7, 0);
	dm_declare(dm, &PATH_RES(7, 0, 3));
	while (in->n)
		step(dm, in);
	dm_free(dm);
	objdefs_unref(defs);
}

static void arguments(const struct input *in)
{
	struct dm_arg args[DM_ARGS_MAX];
	size_t n;

	if (dm_args_parse(in->p, in->n, args, &n))
		return;
	assert(n <= DM_ARGS_MAX);
	for (size_t k = 0; k < n; k++) {
		assert(args[k].digit <= 9);
		for (size_t i = 0; i < k; i++)
			assert(args[i].digit != args[k].digit);
		if (args[k].value)
			assert(args[k].value >= (const char *)in->p &&
				args[k].value + args[k].len <= (const char *)in->p + in->n);
	}
}

static void ranges(const struct input *in)
{
	char *text = xmalloc(in->n + 1);
	static const enum value_type types[] = { VT_INT, VT_FLOAT, VT_STRING, VT_OPAQUE };

	memcpy(text, in->p, in->n);
	text[in->n] = '\0';
	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		uint16_t n;
		struct range *r = range_parse(text, types[t], &n);

		assert(!r == !n);
		for (unsigned k = 0; k < n; k++)
			assert(r[k].min <= r[k].max && (!k || r[k - 1].min <= r[k].min));
		free(r);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	switch (byte(&in)) {
	case 'a':
		arguments(&in);
		break;
	case 'r':
		ranges(&in);
		break;
	default:
		operations(&in);
	}
	return 0;
}
