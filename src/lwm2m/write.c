/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/write.h"
#include <stdio.h>
#include "codec/codec.h"
#include "lwm2m/reply.h"
#include "lwm2m/written.h"
#include "session/session.h"
#include "store/store.h"
#include "util/err.h"

static void asker_gone(void *ud)
{
	struct pending *d = ud;

	d->x = NULL;
}

struct pending *write_pending(struct server *s, struct exchange *x, uint8_t ok)
{
	struct pending *d = pool_get(&s->client->env->clients->pending_pool);

	d->env = s->client->env;
	d->noted = d->env->clients->noted;
	d->x = x;
	d->ok = ok;
	return d;
}

static void answer(struct pending *d, int status)
{
	struct coap_msg m;
	char oid[8], iid[8];

	if (status || d->ok != COAP_201 || !d->iid_by_client) {
		reply_status(d->x, status, d->ok);
		return;
	}
	coap_msg_init(&m, COAP_ACK, COAP_201);
	snprintf(oid, sizeof(oid), "%u", d->oid);
	snprintf(iid, sizeof(iid), "%u", d->iid);
	coap_add_str(&m, COAP_OPT_LOCATION_PATH, oid);
	coap_add_str(&m, COAP_OPT_LOCATION_PATH, iid);
	exchange_reply(d->x, &m);
}

/* store_fn; also where nothing is to be waited for. */
static void durable(void *ud, int status)
{
	struct pending *d = ud;

	if (d->x) {
		exchange_on_cancel(d->x, NULL, NULL);
		answer(d, status);
	}
	pool_put(&d->env->clients->pending_pool, d);
}

void write_done(void *ud, int status)
{
	struct pending *d = ud;
	bool waits = !status && d->x && d->env->clients->noted != d->noted;

	if (waits && store_failing(d->env->store)) /* it is done, but may not last: try again */
		durable(d, LGW_EUNAVAIL);
	else if (waits)
		store_barrier(d->env->store, durable, d);
	else
		durable(d, status);
}

void write_result(struct pending *d, int status)
{
	exchange_on_cancel(d->x, asker_gone, d);
	if (status != LGW_PENDING)
		write_done(d, status);
}

const uint8_t *write_body(const struct coap_msg *req)
{
	return req->payload ? req->payload : (const uint8_t *)"";
}

static int txn_record(void *ud, const struct record *r)
{
	return dm_txn_add(ud, r);
}

/* The body into a transaction; a path that cannot be written at all is told before a format. */
static int decode(struct server *s, enum dm_write_mode mode, const struct path *p, int format,
	const struct coap_msg *req, struct dm_txn **t, char why[WHY_MAX])
{
	const struct codec_ops *ops = codec_find(format);
	int r = dm_txn_begin(s->client->dm, s->ssid, mode, p, t);

	*why = '\0';
	if (r)
		return r;
	if (!ops || codec_can(ops, format, p))
		r = format == CF_NONE ? LGW_EINVAL : LGW_EFORMAT;
	else
		r = ops->decode(p, write_body(req), req->payload_len, txn_record, *t);
	if (r) {
		dm_txn_why(*t, why, WHY_MAX);
		dm_txn_abort(*t);
	}
	return r;
}

void write_values(struct server *s, struct exchange *x, enum dm_write_mode mode,
	const struct path *p, int format, const struct coap_msg *req)
{
	uint8_t ok = mode == DM_CREATE ? COAP_201 : COAP_204;
	struct dm_txn *t;
	struct pending *d;
	char why[WHY_MAX] = "";
	int r = written_refuses(s->client, s->ssid, p->id[0]);

	r = r ? r : decode(s, mode, p, format, req, &t, why);
	if (r) {
		reply_error(x, r, why);
		return;
	}
	d = write_pending(s, x, ok);
	d->oid = p->id[0];
	write_result(d, dm_txn_commit(t, write_done, d, &d->iid, &d->iid_by_client));
}

void write_execute(struct server *s, struct exchange *x, const struct path *p, int format,
	const struct coap_msg *req)
{
	struct pending *d;
	int r;

	if (format != CF_NONE && format != CF_TEXT) {
		r = dm_executable(s->client->dm, s->ssid, p);
		reply_status(x, r ? r : LGW_EFORMAT, COAP_204);
		return;
	}
	d = write_pending(s, x, COAP_204);
	write_result(d, dm_execute(s->client->dm, s->ssid, p, write_body(req), req->payload_len,
				write_done, d));
}
