/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/represent.h"
#include "codec/codec.h"
#include "lwm2m/shared.h"
#include "types/format.h"
#include "util/err.h"

struct making {
	struct encoder e;
	struct representation *out;
};

/* --- links ----------------------------------------------------------------------------------- */

#define LINKED_MAX 64

/* Instances that values link to, in the order in which they are met, each once. */
struct linked {
	struct path base; /* what is read anyway */
	struct path p[LINKED_MAX];
	size_t n;
};

static int collect(void *ud, const struct record *r)
{
	struct path p = PATH_INST(r->value.u.link.oid, r->value.u.link.iid);
	struct linked *l = ud;

	if (r->value.type != VT_OBJLNK || p.id[0] == PATH_ID_NONE || l->n == LINKED_MAX ||
		path_contains(&l->base, &p))
		return LGW_OK;
	for (size_t k = 0; k < l->n; k++)
		if (path_eq(&l->p[k], &p))
			return LGW_OK;
	l->p[l->n++] = p;
	return LGW_OK;
}

/* Breadth first (LwM2M 1.0 §6.4.4), where the server is to have them. */
static void follow(struct server *s, const struct path *p, int format, struct linked *l)
{
	struct dm *dm = s->client->dm;

	l->base = *p;
	l->n = 0;
	if (!s->conf->p.linked || p->n > 2 || (format != CF_JSON && format != CF_JSON_OLD))
		return;
	dm_read(dm, s->ssid, p, collect, l);
	for (size_t k = 0; k < l->n; k++)
		dm_read(dm, s->ssid, &l->p[k], collect, l);
}

/* --- values ---------------------------------------------------------------------------------- */

bool represent_number(const struct value *v, double *out)
{
	switch (v->type) {
	case VT_INT:
	case VT_TIME:
		*out = (double)v->u.i;
		return true;
	case VT_UINT:
		*out = (double)v->u.u;
		return true;
	case VT_FLOAT:
		*out = v->u.f;
		return true;
	default:
		return false;
	}
}

static int making_record(void *ud, const struct record *r)
{
	struct making *m = ud;

	if (path_eq(&r->path, &m->e.base))
		m->out->numeric = represent_number(&r->value, &m->out->number);
	return codec_add(&m->e, r);
}

static int nothing(void *ud, const struct record *r)
{
	return LGW_OK;
}

/* What cannot be read is as if nothing led to it. */
static int read_linked(struct server *s, const struct path *p, struct making *m)
{
	int r = dm_read(s->client->dm, s->ssid, p, making_record, m);

	return r == LGW_ENOENT || r == LGW_EACCES || r == LGW_EOP ? LGW_OK : r;
}

/* Where the server asks for none (§6.4; 1.1 §7.4): every server reads text and bytes. */
static int default_format(const struct server *s, const struct path *p)
{
	const struct objdef *d = p->n >= 3 ? dm_object_def(s->client->dm, p->id[0]) : NULL;
	const struct resdef *r = d ? objdef_res(d, p->id[2]) : NULL;

	if (s->conf->p.format != FORMAT_BY_VERSION)
		return s->conf->p.format;
	if (!r || (r->multiple && p->n == 3))
		return s->conf->p.version == LWM2M_1_0 ? CF_TLV : CF_SENML_CBOR;
	return r->type == VT_OPAQUE ? CF_OPAQUE : CF_TEXT;
}

int represent_taken(
	struct client *c, const struct path *p, struct wr *w, struct representation *out)
{
	out->p = wr_kept(w, &out->at, &out->len);
	out->total = w->len;
	if (out->len < out->total)
		out->generation = dm_generation(c->dm, p);
	return out->total > CONTENT_MAX ? LGW_ETOOBIG : LGW_OK;
}

void represent_put(const struct representation *rep, struct coap_msg *m)
{
	uint64_t etag = map_hash_u64(rep->generation, rep->total);

	coap_add_uint(m, COAP_OPT_CONTENT_FORMAT, (uint32_t)rep->format);
	m->payload = rep->p;
	m->payload_len = rep->len;
	if (rep->len == rep->total)
		return;
	m->body_at = rep->at;
	m->body_len = rep->total;
	coap_add_copy(m, COAP_OPT_ETAG, &etag, sizeof(etag));
}

int represent(struct server *s, const struct path *p, int accept, size_t offset,
	struct representation *out)
{
	struct client *c = s->client;
	struct wr *w = shared_window(c->env->clients, offset);
	int format = accept == CF_NONE ? default_format(s, p) : accept;
	const struct codec_ops *ops = codec_find(format);
	struct making m = { .out = out };
	struct path base = *p;
	struct linked l;
	int r;

	follow(s, p, format, &l);
	if (l.n)
		base = PATH_ROOT;
	*out = (struct representation){ .format = format };
	if (!ops || codec_begin(&m.e, ops, format, &base, w)) {
		/* That there is nothing to read is said before that it cannot be said so. */
		r = dm_read(c->dm, s->ssid, p, nothing, NULL);
		return r ? r : LGW_EACCEPT;
	}
	r = dm_read(c->dm, s->ssid, p, making_record, &m);
	for (size_t k = 0; !r && k < l.n; k++)
		r = read_linked(s, &l.p[k], &m);
	r = r ? r : codec_end(&m.e);
	return r ? r : represent_taken(c, &base, w, out);
}
