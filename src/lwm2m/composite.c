/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/composite.h"
#include <stdlib.h>
#include "codec/codec.h"
#include "lwm2m/reply.h"
#include "lwm2m/represent.h"
#include "lwm2m/shared.h"
#include "lwm2m/write.h"
#include "lwm2m/written.h"
#include "util/err.h"
#include "util/mem.h"

#define PATHS_MAX 256

struct list {
	struct path p[PATHS_MAX];
	size_t n;
};

static int list_add(void *ud, const struct path *p)
{
	struct list *l = ud;

	if (l->n == PATHS_MAX)
		return LGW_ETOOBIG;
	l->p[l->n++] = *p;
	return LGW_OK;
}

static int encode(void *ud, const struct record *r)
{
	return codec_add(ud, r);
}

static bool is_json(int format)
{
	return format == CF_SENML_JSON || format == CF_SENML_ETCH_JSON;
}

/* The format that the server asks for, else the one that it speaks itself. */
static int answer_format(int accept, int format)
{
	if (accept == CF_NONE)
		return is_json(format) ? CF_SENML_JSON : CF_SENML_CBOR;
	return accept == CF_SENML_JSON || accept == CF_SENML_CBOR ? accept : CF_NONE;
}

static int read_into(struct server *s, struct list *l, int format, struct wr *w)
{
	struct encoder e;
	int r = codec_begin(&e, codec_find(format), format, &PATH_ROOT, w);

	r = r ? r : dm_read_composite(s->client->dm, s->ssid, l->p, l->n, encode, &e);
	return r ? r : codec_end(&e);
}

/* A Read-Composite that waits for values of devices. */
struct asking {
	struct server *s;
	struct exchange *x; /* NULL: whoever asked is gone */
	int format;
	int32_t oid; /* whose values were asked for last */
	struct list l;
};

static void answer(struct asking *a)
{
	struct client *c = a->s->client;
	struct wr *w = shared_window(c->env->clients, exchange_offset(a->x));
	struct representation rep = { .format = a->format };
	struct coap_msg m;
	int r = read_into(a->s, &a->l, a->format, w);

	r = r ? r : represent_taken(c, &PATH_ROOT, w, &rep);
	if (r) {
		reply_status(a->x, r, COAP_205);
		return;
	}
	coap_msg_init(&m, COAP_ACK, COAP_205);
	represent_put(&rep, &m);
	exchange_reply(a->x, &m);
}

/* What of an object is asked for: the path, if it is but one; false: nothing. */
static bool wanted(const struct list *l, int32_t oid, struct path *out)
{
	bool any = false;

	for (size_t k = 0; k < l->n; k++) {
		if (l->p[k].n && l->p[k].id[0] != oid)
			continue;
		*out = any || !l->p[k].n ? PATH_OBJ(oid) : l->p[k];
		any = true;
	}
	return any;
}

static void refreshed(void *ud, int status);

/* One object after the other; LGW_PENDING: refreshed goes on. */
static int refresh(struct asking *a)
{
	struct dm *dm = a->s->client->dm;
	struct path p;
	int r = LGW_OK;

	while (!r && dm_next(dm, &PATH_ROOT, &a->oid))
		if (dm_refreshes(dm, (uint16_t)a->oid) && wanted(&a->l, a->oid, &p))
			r = dm_refresh(dm, a->s->ssid, &p, refreshed, a);
	return r;
}

/* dm_done_fn; also where all is done. */
static void refreshed(void *ud, int status)
{
	struct asking *a = ud;

	if (a->x && !status)
		status = refresh(a);
	if (status == LGW_PENDING)
		return;
	if (a->x) {
		exchange_on_cancel(a->x, NULL, NULL);
		if (status)
			reply_status(a->x, status, COAP_205);
		else
			answer(a);
	}
	free(a);
}

static void asker_gone(void *ud)
{
	((struct asking *)ud)->x = NULL;
}

void composite_read(
	struct server *s, struct exchange *x, int accept, int format, const struct coap_msg *req)
{
	const struct codec_ops *ops = codec_find(format);
	struct asking a = { .s = s, .x = x, .format = answer_format(accept, format), .oid = -1 };
	struct asking *kept;
	int r;

	if (!ops || !ops->paths)
		r = format == CF_NONE ? LGW_EINVAL : LGW_EFORMAT;
	else if (a.format == CF_NONE)
		r = LGW_EACCEPT;
	else
		r = ops->paths(write_body(req), req->payload_len, list_add, &a.l);
	if (r) {
		reply_status(x, r, COAP_205);
		return;
	}
	kept = xmemdup(&a, sizeof(a));
	exchange_on_cancel(x, asker_gone, kept);
	refreshed(kept, LGW_OK);
}

struct writing {
	struct server *s;
	struct dm_batch *b;
};

static int batch_record(void *ud, const struct record *r)
{
	const struct writing *w = ud;
	int e = written_refuses(w->s->client, w->s->ssid, r->path.id[0]);

	return e ? e : dm_batch_add(w->b, r);
}

void composite_write(struct server *s, struct exchange *x, int format, const struct coap_msg *req)
{
	const struct codec_ops *ops = codec_find(format);
	char why[WHY_MAX];
	struct writing w = { .s = s };
	struct pending *d;
	int r;

	if (!ops || !ops->paths) { /* the formats that have names of their own */
		reply_status(x, format == CF_NONE ? LGW_EINVAL : LGW_EFORMAT, COAP_204);
		return;
	}
	w.b = dm_batch_new(s->client->dm, s->ssid);
	r = ops->decode(&PATH_ROOT, write_body(req), req->payload_len, batch_record, &w);
	if (r) {
		dm_batch_why(w.b, why, sizeof(why));
		dm_batch_abort(w.b);
		reply_error(x, r, why);
		return;
	}
	d = write_pending(s, x, COAP_204);
	write_result(d, dm_batch_commit(w.b, write_done, d));
}
