/* SPDX-License-Identifier: BSD-3-Clause */
/* Device (LwM2M 1.0 E.4). */
#include <string.h>
#include "objects/state.h"
#include "util/err.h"
#include "util/map.h"
#include "util/mem.h"

enum {
	RES_REBOOT = 4,
	RES_FACTORY_RESET = 5,
	RES_ERROR_CODE = 11,
	RES_RESET_ERROR = 12,
	RES_TIME = 13,
	RES_UTC_OFFSET = 14,
	RES_TIMEZONE = 15,
};

/* Texts of the facts and where they go. */
static const struct {
	uint16_t rid;
	size_t offset;
} texts[] = {
	{ 0, offsetof(struct device_facts, manufacturer) },
	{ 1, offsetof(struct device_facts, model) },
	{ 2, offsetof(struct device_facts, serial) },
	{ 3, offsetof(struct device_facts, firmware_version) },
	{ 14, offsetof(struct device_facts, utc_offset) },
	{ 15, offsetof(struct device_facts, timezone) },
	{ 16, offsetof(struct device_facts, binding) },
	{ 17, offsetof(struct device_facts, device_type) },
	{ 18, offsetof(struct device_facts, hardware_version) },
	{ 19, offsetof(struct device_facts, software_version) },
};

static int read_value(void *ud, const struct path *p, struct value *out)
{
	const struct objects *o = ud;

	if (p->id[2] != RES_TIME)
		return LGW_ENOENT;
	*out = VALUE_TIME((o->env->wall_ms(o->ud) + o->time_offset_ms) / 1000);
	return LGW_OK;
}

static int apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	struct objects *o = ud;

	(void)op;
	for (size_t k = 0; k < n; k++) {
		bool set = c[k].kind == DM_SET;

		if (c[k].path.id[2] != RES_TIME)
			continue;
		/* The clock of this client: the machine's, shifted by what was written. */
		c[k].handled = true;
		o->time_offset_ms = set ? c[k].value.u.i * 1000 - o->env->wall_ms(o->ud) : 0;
		if (ssid && o->env->keep)
			o->env->keep(o->ud, &c[k].path, set ? &VALUE_INT(o->time_offset_ms) : NULL);
	}
	return LGW_OK;
}

static int recall(void *ud, const struct path *p, const struct value *v)
{
	struct objects *o = ud;

	if (p->id[2] != RES_TIME || v->type != VT_INT)
		return LGW_ENOTSUP;
	o->time_offset_ms = v->u.i;
	return LGW_OK;
}

static int check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	(void)ud;
	(void)ssid;
	for (size_t k = 0; k < n; k++)
		if (c[k].kind == DM_SET && c[k].path.id[2] == RES_TIME &&
			(c[k].value.u.i < 0 || c[k].value.u.i > UINT32_MAX))
			return LGW_EINVAL;
	return LGW_OK;
}

static void committed(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	struct objects *o = ud;

	(void)ssid;
	for (size_t k = 0; k < n; k++)
		if (c[k].path.id[2] == RES_TIME)
			dm_touch(o->dm, &c[k].path);
}

/* The instances of /3/0/11 are the codes that stand; none: the one instance 0 with 0. */
static void show_errors(struct objects *o)
{
	struct path p = PATH_RI(3, 0, RES_ERROR_CODE, 0);

	for (uint8_t k = 0; k < o->nerrors || !k; k++) {
		p.id[3] = k;
		dm_set(o->dm, &p, &VALUE_INT(o->nerrors ? o->errors[k] : 0), 0);
	}
	for (p.id[3] = o->nerrors ? o->nerrors : 1; p.id[3] < ERRORS_MAX; p.id[3]++)
		dm_unset(o->dm, &p);
}

void object_device_error(struct objects *o, uint8_t code, bool present)
{
	uint8_t *at = memchr(o->errors, code, o->nerrors);

	if (present == (at != NULL) || (present && o->nerrors == ERRORS_MAX))
		return;
	if (present) {
		o->errors[o->nerrors++] = code;
	} else {
		memmove(at, at + 1, (size_t)(o->errors + o->nerrors - (at + 1)));
		o->nerrors--;
	}
	show_errors(o);
}

static int execute(void *ud, uint16_t ssid, const struct path *p, const struct dm_arg *args,
	size_t nargs, struct dm_op *op)
{
	struct objects *o = ud;

	(void)ssid;
	(void)args;
	(void)nargs;
	switch (p->id[2]) {
	case RES_REBOOT:
		return o->env->reboot(o->ud, op);
	case RES_FACTORY_RESET:
		return o->env->factory_reset(o->ud, op);
	case RES_RESET_ERROR:
		show_errors(o); /* what still stands stays */
		return LGW_OK;
	default:
		return LGW_EOP;
	}
}

static bool is_zone(uint16_t rid)
{
	return rid == RES_UTC_OFFSET || rid == RES_TIMEZONE;
}

/* Are offset and time zone configured otherwise than the last time? */
static bool zone_changed(struct objects *o, const struct device_facts *f)
{
	uint64_t now = map_hash_str(f->utc_offset ? f->utc_offset : "", RES_UTC_OFFSET) ^
		       map_hash_str(f->timezone ? f->timezone : "", RES_TIMEZONE);
	bool changed = now != o->zone;

	o->zone = now;
	return changed;
}

int object_device_set(struct objects *o, const struct device_facts *f)
{
	struct path p = PATH_RES(3, 0, 0);
	bool zone = zone_changed(o, f);
	int r = dm_exists(o->dm, &PATH_INST(3, 0)) ? 0 : dm_instance_add(o->dm, 3, 0);

	for (size_t k = 0; r >= 0 && k < ARRAY_SIZE(texts); k++) {
		const char *s = *(const char *const *)((const char *)f + texts[k].offset);

		p.id[2] = texts[k].rid;
		if (is_zone(texts[k].rid) && (!zone || !s || !*s))
			continue; /* a server's own stay until other ones are configured */
		if (s && *s)
			r = dm_set(o->dm, &p, &VALUE_STR(s), 0);
		else
			dm_unset(o->dm, &p);
	}
	if (r < 0)
		return r;
	if (o->env->reboot)
		dm_declare(o->dm, &PATH_RES(3, 0, RES_REBOOT));
	if (o->env->factory_reset)
		dm_declare(o->dm, &PATH_RES(3, 0, RES_FACTORY_RESET));
	dm_declare(o->dm, &PATH_RES(3, 0, RES_RESET_ERROR));
	dm_declare(o->dm, &PATH_RES(3, 0, RES_TIME));
	if (!dm_exists(o->dm, &PATH_RES(3, 0, RES_ERROR_CODE)))
		show_errors(o);
	return LGW_OK;
}

const struct object_ops object_ops_device = {
	.read = read_value,
	.check = check,
	.apply = apply,
	.applies_always = true,
	.committed = committed,
	.execute = execute,
	.recall = recall,
	.writes_make_resources = true,
};
