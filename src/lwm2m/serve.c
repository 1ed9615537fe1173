/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/serve.h"
#include <stdlib.h>
#include <string.h>
#include "codec/codec.h"
#include "lwm2m/composite.h"
#include "lwm2m/links.h"
#include "lwm2m/observe.h"
#include "lwm2m/push.h"
#include "lwm2m/reply.h"
#include "lwm2m/report.h"
#include "lwm2m/represent.h"
#include "lwm2m/shared.h"
#include "lwm2m/write.h"
#include "lwm2m/written.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/num.h"

LOG_MODULE("lwm2m");

#define OBSERVE_NONE UINT32_MAX

/* A request as it was understood. */
struct request {
	struct server *s;
	struct exchange *x;
	const struct coap_msg *msg;
	struct path path;
	int accept, format; /* CF_NONE: not said */
	uint32_t observe;
	bool query;
};

/* --- understanding ------------------------------------------------------------------------- */

/* Identifiers are canonical decimal; anything else names nothing that is here. */
int serve_path(const struct coap_msg *m, struct path *p)
{
	const struct coap_opt *o;
	unsigned it = 0;

	*p = (struct path){ 0 };
	while ((o = coap_opt_next(m, COAP_OPT_URI_PATH, &it))) {
		if (p->n == 4 || num_parse_u16((const char *)o->val, o->len, &p->id[p->n]))
			return LGW_ENOENT;
		p->n++;
	}
	return LGW_OK;
}

static int format_of(const struct coap_msg *m, uint16_t num)
{
	return coap_opt_find(m, num) ? (int)coap_opt_uint(m, num, 0) : CF_NONE;
}

static int parse(struct request *q)
{
	static const uint16_t refused[] = { COAP_OPT_IF_MATCH, COAP_OPT_IF_NONE_MATCH,
		COAP_OPT_OSCORE, COAP_OPT_PROXY_URI, COAP_OPT_PROXY_SCHEME };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (coap_opt_find(q->msg, refused[i]))
			return LGW_ECRITICAL;
	r = serve_path(q->msg, &q->path);
	if (r)
		return r;
	q->accept = format_of(q->msg, COAP_OPT_ACCEPT);
	q->format = format_of(q->msg, COAP_OPT_CONTENT_FORMAT);
	q->observe = OBSERVE_NONE;
	if (coap_opt_find(q->msg, COAP_OPT_OBSERVE))
		q->observe = coap_opt_uint(q->msg, COAP_OPT_OBSERVE, OBSERVE_NONE);
	q->query = coap_opt_find(q->msg, COAP_OPT_URI_QUERY) != NULL;
	return LGW_OK;
}

/* What no server may touch: security and OSCORE keys (LwM2M 1.0 E.1, 1.1 §7.1.2). Whether all else
 * exists is for the model to say. */
static int check_path(const struct request *q)
{
	uint16_t oid = q->path.id[0];
	bool composite = q->msg->code == COAP_FETCH || q->msg->code == COAP_IPATCH;

	if (composite != (q->path.n == 0)) /* of the root, and all that is there */
		return LGW_EOP;
	if (composite)
		return q->query ? LGW_EINVAL : LGW_OK;
	if (oid != 0 && oid != 21)
		return LGW_OK;
	return dm_object_def(q->s->client->dm, oid) ? LGW_EACCES : LGW_ENOENT;
}

/* --- GET ----------------------------------------------------------------------------------- */

/* Too much is our limit, not the asker's fault. */
static int read_error(const struct request *q, int status)
{
	char path[PATH_TEXT_MAX];

	if (status != LGW_ETOOBIG)
		return status;
	log_warning(SERVER_LOG(q->s), "server %u: %s is too large to be read", q->s->ssid,
		path_text(path, &q->path));
	return LGW_EINTERNAL;
}

static void discover(const struct request *q, int depth)
{
	struct wr *w = shared_body(q->s->client->env->clients);
	struct link_writer lw = { w, 0 };
	struct coap_msg m;
	int r = dm_discover(q->s->client->dm, q->s->ssid, &q->path, depth, links_put, &lw);

	if (r) {
		reply_status(q->x, read_error(q, r), COAP_205);
		return;
	}
	coap_msg_init(&m, COAP_ACK, COAP_205);
	coap_add_uint(&m, COAP_OPT_CONTENT_FORMAT, CF_LINK);
	m.payload = w->p;
	m.payload_len = w->len;
	exchange_reply(q->x, &m);
}

static void read_now(const struct request *q)
{
	struct observation *o = NULL;
	struct representation rep;
	struct coap_msg m;
	int r = represent(q->s, &q->path, q->accept, exchange_offset(q->x), &rep);

	if (r) {
		reply_status(q->x, read_error(q, r), COAP_205);
		return;
	}
	coap_msg_init(&m, COAP_ACK, COAP_205);
	represent_put(&rep, &m);
	if (q->observe == 0)
		o = observe_begin(q->s, q->x, &q->path, &rep);
	if (o)
		observer_reply(o->observer, q->x, &m);
	else
		exchange_reply(q->x, &m);
}

/* --- values that a device is asked for first */

static void asker_gone(void *ud)
{
	((struct request *)ud)->x = NULL;
}

/* dm_done_fn: the tree has them now. */
static void refreshed(void *ud, int status)
{
	struct request *q = ud;

	if (q->x) {
		exchange_on_cancel(q->x, NULL, NULL);
		if (status)
			reply_status(q->x, status, COAP_205);
		else
			read_now(q);
	}
	free(q);
}

static void refresh(const struct request *now)
{
	struct request *q = xmemdup(now, sizeof(*now));
	int r = dm_refresh(q->s->client->dm, q->s->ssid, &q->path, refreshed, q);

	q->msg = NULL; /* a loan for the time of this call */
	if (r == LGW_PENDING)
		exchange_on_cancel(q->x, asker_gone, q);
	else
		refreshed(q, r);
}

static void read_or_observe(const struct request *q)
{
	if (q->observe == 1)
		observe_cancel(q->x);
	if (dm_refreshes(q->s->client->dm, q->path.id[0]))
		refresh(q);
	else
		read_now(q);
}

/* "depth=0" to "depth=3" (1.2 §6.3.2), and nothing else. */
static int parse_depth(const struct request *q, int *depth)
{
	const struct coap_opt *o;
	unsigned it = 0;

	*depth = DM_DEPTH_DEFAULT;
	while ((o = coap_opt_next(q->msg, COAP_OPT_URI_QUERY, &it))) {
		const char *v = (const char *)o->val;

		if (*depth != DM_DEPTH_DEFAULT || o->len != 7 || memcmp(v, "depth=", 6) ||
			v[6] < '0' || v[6] > '3')
			return LGW_EINVAL;
		*depth = v[6] - '0';
	}
	return LGW_OK;
}

static void get(const struct request *q)
{
	int depth;

	if (q->accept == CF_LINK && !parse_depth(q, &depth))
		discover(q, depth);
	else if (q->query)
		reply_status(q->x, LGW_EINVAL, COAP_205);
	else
		read_or_observe(q);
}

/* --- PUT, POST, DELETE --------------------------------------------------------------------- */

static int write_attrs(const struct request *q)
{
	bool good = q->format == CF_NONE && !q->msg->payload_len;
	struct attrs_change c = { 0 };
	const struct coap_opt *o;
	unsigned it = 0;
	int r = written_blocked(q->s->client);

	if (r)
		return r;
	while (good && (o = coap_opt_next(q->msg, COAP_OPT_URI_QUERY, &it)))
		good = !attr_parse(&c, (const char *)o->val, o->len);
	r = dm_write_attrs(q->s->client->dm, q->s->ssid, &q->path, good ? &c : NULL);
	if (!r)
		report_replan(q->s, &q->path);
	return r;
}

static void put(const struct request *q)
{
	struct pending *d;

	if (q->query) {
		d = write_pending(q->s, q->x, COAP_204);
		write_result(d, write_attrs(q));
	} else {
		write_values(q->s, q->x, DM_REPLACE, &q->path, q->format, q->msg);
	}
}

/* POST merges values that come in a format, where they can be written; else it runs a resource (or
 * tries to run what is none). */
static bool is_write(const struct request *q)
{
	const struct objdef *d = dm_object_def(q->s->client->dm, q->path.id[0]);
	const struct resdef *r = d ? objdef_res(d, q->path.id[2]) : NULL;

	if (q->format == CF_NONE)
		return q->path.n == 2 && q->msg->payload_len;
	return q->path.n == 2 || (r && (r->ops & RES_W));
}

static void post(const struct request *q)
{
	if (q->query)
		reply_status(q->x, LGW_EINVAL, COAP_204);
	else if (q->path.n == 1)
		write_values(q->s, q->x, DM_CREATE, &q->path, q->format, q->msg);
	else if (is_write(q))
		write_values(q->s, q->x, DM_UPDATE, &q->path, q->format, q->msg);
	else
		write_execute(q->s, q->x, &q->path, q->format, q->msg);
}

static void del(const struct request *q)
{
	struct pending *d = write_pending(q->s, q->x, COAP_202);
	int r = q->query ? LGW_EINVAL : written_blocked(q->s->client);

	write_result(d, r ? r : dm_delete(q->s->client->dm, q->s->ssid, &q->path));
}

/* --- all ----------------------------------------------------------------------------------- */

static void dispatch(const struct request *q)
{
	switch (q->msg->code) {
	case COAP_GET:
		get(q);
		break;
	case COAP_PUT:
		put(q);
		break;
	case COAP_POST:
		post(q);
		break;
	case COAP_DELETE:
		del(q);
		break;
	case COAP_FETCH:
		composite_read(q->s, q->x, q->accept, q->format, q->msg);
		break;
	case COAP_IPATCH:
		composite_write(q->s, q->x, q->format, q->msg);
		break;
	default:
		reply_status(q->x, LGW_EMETHOD, COAP_204);
	}
}

/* Nothing is served before the registration is acknowledged, nor after its end (LwM2M 1.0 §5.4). */
static bool serving(const struct server *s)
{
	return s->registered && !(s->want & WANT_DISABLE);
}

bool serve_body(void *ud, const struct coap_msg *first, struct body_sink *sink)
{
	if (!serving(ud))
		return false;
	push_begin(ud, first, sink); /* or not: then it is kept in memory until it is whole */
	return true;
}

void serve_request(void *ud, struct exchange *x, const struct coap_msg *req)
{
	struct request q = { .s = ud, .x = x, .msg = req };
	int r;

	if (!serving(q.s)) {
		log_debug(SERVER_LOG(q.s), "request of server %u ignored: %s", q.s->ssid,
			server_state_text((enum server_state)q.s->state));
		exchange_ignore(x);
		return;
	}
	q.s->requests++;
	r = parse(&q);
	r = r ? r : check_path(&q);
	if (r)
		reply_status(x, r, COAP_204);
	else
		dispatch(&q);
}
