/* SPDX-License-Identifier: BSD-3-Clause */
/* Connectivity Statistics (LwM2M 1.0 E.8): the traffic of this client with its servers. */
#include <stdlib.h>
#include "objects/standard.h"
#include "objects/state.h"
#include "util/err.h"
#include "util/mem.h"

enum {
	OID = 7,
	RES_SMS_TX = 0,
	RES_SMS_RX = 1,
	RES_TX = 2,
	RES_RX = 3,
	RES_MAX = 4,
	RES_AVERAGE = 5,
	RES_START = 6,
	RES_STOP = 7,
	RES_PERIOD = 8,
};

#define KILO 1024

struct statistics {
	struct objects *o;
	int64_t tx, rx, messages; /* bytes; all of the collection */
	int64_t sms_tx, sms_rx;   /* short messages */
	int64_t max;              /* bytes of the largest message */
	int64_t started_ms;       /* wall clock */
	int64_t period_s;         /* 0: until Stop */
	bool running;
};

/* The period may have ended since somebody last looked. */
static bool running(struct statistics *s)
{
	if (s->running && s->period_s &&
		s->o->env->wall_ms(s->o->ud) - s->started_ms >= s->period_s * 1000)
		s->running = false;
	return s->running;
}

static int read_value(void *ud, const struct path *p, struct value *out)
{
	const struct statistics *s = ud;

	switch (p->id[2]) {
	case RES_SMS_TX:
		*out = VALUE_INT(s->sms_tx);
		return LGW_OK;
	case RES_SMS_RX:
		*out = VALUE_INT(s->sms_rx);
		return LGW_OK;
	case RES_TX:
		*out = VALUE_INT(s->tx / KILO);
		return LGW_OK;
	case RES_RX:
		*out = VALUE_INT(s->rx / KILO);
		return LGW_OK;
	case RES_MAX:
		*out = VALUE_INT(s->max);
		return LGW_OK;
	case RES_AVERAGE:
		*out = VALUE_INT(s->messages ? (s->tx + s->rx) / s->messages : 0);
		return LGW_OK;
	default:
		return LGW_ENOENT;
	}
}

static void touch_all(const struct statistics *s)
{
	for (uint16_t rid = RES_SMS_TX; rid <= RES_AVERAGE; rid++)
		dm_touch(s->o->dm, &PATH_RES(OID, 0, rid));
}

static void start(struct statistics *s)
{
	s->tx = s->rx = s->max = s->messages = s->sms_tx = s->sms_rx = 0;
	s->started_ms = s->o->env->wall_ms(s->o->ud);
	s->running = true;
	touch_all(s);
}

static int execute(void *ud, uint16_t ssid, const struct path *p, const struct dm_arg *args,
	size_t nargs, struct dm_op *op)
{
	struct statistics *s = ud;

	(void)ssid, (void)args, (void)nargs, (void)op;
	if (p->id[2] == RES_START)
		start(s);
	else
		s->running = false;
	return LGW_OK;
}

static int check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	(void)ud, (void)ssid;
	for (size_t k = 0; k < n; k++)
		if (c[k].kind == DM_SET && (c[k].value.u.i < 0 || c[k].value.u.i > INT32_MAX))
			return LGW_EINVAL;
	return LGW_OK;
}

static void committed(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	struct statistics *s = ud;

	(void)ssid;
	running(s); /* by the old period */
	for (size_t k = 0; k < n; k++)
		if (c[k].path.id[2] == RES_PERIOD)
			s->period_s = c[k].kind == DM_SET ? c[k].value.u.i : 0;
}

static void destroy(void *ud)
{
	struct statistics *s = ud;

	s->o->statistics = NULL;
	free(s);
}

static const struct object_ops ops = {
	.read = read_value,
	.check = check,
	.committed = committed,
	.execute = execute,
	.destroy = destroy,
	.writes_make_resources = true,
};

int object_statistics_add(struct objects *o)
{
	const struct objdef *d = objdefs_find(o->defs, OID);
	struct statistics *s;
	int r = d ? LGW_OK : LGW_ENOENT;

	if (r || o->statistics)
		return r;
	s = xcalloc(1, sizeof(*s));
	s->o = o;
	r = dm_object_add(o->dm, d, &ops, s);
	if (r) {
		free(s);
		return r;
	}
	o->statistics = s;
	dm_instance_add(o->dm, OID, 0);
	for (uint16_t rid = RES_TX; rid <= RES_STOP; rid++)
		dm_declare(o->dm, &PATH_RES(OID, 0, rid));
	dm_set(o->dm, &PATH_RES(OID, 0, RES_PERIOD), &VALUE_INT(0), 0);
	start(s);
	return LGW_OK;
}

bool object_statistics_on(const struct objects *o)
{
	return o->statistics;
}

void object_statistics_messages(struct objects *o, bool sent, unsigned n)
{
	struct statistics *s = o->statistics;

	if (!s)
		return;
	dm_declare(o->dm, &PATH_RES(OID, 0, RES_SMS_TX));
	dm_declare(o->dm, &PATH_RES(OID, 0, RES_SMS_RX));
	if (!n || !running(s))
		return;
	*(sent ? &s->sms_tx : &s->sms_rx) += n;
	dm_touch(o->dm, &PATH_RES(OID, 0, sent ? RES_SMS_TX : RES_SMS_RX));
}

void object_statistics_count(struct objects *o, bool sent, size_t bytes)
{
	struct statistics *s = o->statistics;
	int64_t *sum, before;

	if (!s || !running(s))
		return;
	sum = sent ? &s->tx : &s->rx;
	before = *sum / KILO;
	*sum += (int64_t)bytes;
	s->messages++;
	if ((int64_t)bytes > s->max)
		s->max = (int64_t)bytes;
	/* Told by the kilobyte: a notification about each message would be a message again. */
	if (*sum / KILO != before)
		touch_all(s);
}
