/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/composite.h"
#include "codec/codec.h"
#include "lwm2m/reply.h"
#include "lwm2m/represent.h"
#include "lwm2m/shared.h"
#include "lwm2m/write.h"
#include "util/err.h"

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

void composite_read(
	struct server *s, struct exchange *x, int accept, int format, const struct coap_msg *req)
{
	const struct codec_ops *ops = codec_find(format);
	int out = answer_format(accept, format);
	struct list l = { .n = 0 };
	struct representation rep = { .format = out };
	struct client *c = s->client;
	struct coap_msg m;
	struct wr *w;
	int r;

	if (!ops || !ops->paths)
		r = format == CF_NONE ? LGW_EINVAL : LGW_EFORMAT;
	else if (out == CF_NONE)
		r = LGW_EACCEPT;
	else
		r = ops->paths(write_body(req), req->payload_len, list_add, &l);
	w = shared_window(c->env->clients, exchange_offset(x));
	r = r ? r : read_into(s, &l, out, w);
	r = r ? r : represent_taken(c, &PATH_ROOT, w, &rep);
	if (r) {
		reply_status(x, r, COAP_205);
		return;
	}
	coap_msg_init(&m, COAP_ACK, COAP_205);
	represent_put(&rep, &m);
	exchange_reply(x, &m);
}

static int batch_record(void *ud, const struct record *r)
{
	return dm_batch_add(ud, r);
}

void composite_write(struct server *s, struct exchange *x, int format, const struct coap_msg *req)
{
	const struct codec_ops *ops = codec_find(format);
	struct dm_batch *b;
	struct pending *d;
	int r;

	if (!ops || !ops->paths) { /* the formats that have names of their own */
		reply_status(x, format == CF_NONE ? LGW_EINVAL : LGW_EFORMAT, COAP_204);
		return;
	}
	b = dm_batch_new(s->client->dm, s->ssid);
	r = ops->decode(&PATH_ROOT, write_body(req), req->payload_len, batch_record, b);
	if (r) {
		dm_batch_abort(b);
		reply_status(x, r, COAP_204);
		return;
	}
	d = write_pending(s, x, COAP_204);
	write_result(d, dm_batch_commit(b, write_done, d));
}
