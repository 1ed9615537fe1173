/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/represent.h"
#include "codec/codec.h"
#include "lwm2m/shared.h"
#include "util/err.h"

struct making {
	struct encoder e;
	struct representation *out;
};

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
	int r;

	*out = (struct representation){ .format = format };
	if (!ops || codec_begin(&m.e, ops, format, p, w)) {
		/* That there is nothing to read is said before that it cannot be said so. */
		r = dm_read(c->dm, s->ssid, p, nothing, NULL);
		return r ? r : LGW_EACCEPT;
	}
	r = dm_read(c->dm, s->ssid, p, making_record, &m);
	r = r ? r : codec_end(&m.e);
	return r ? r : represent_taken(c, p, w, out);
}
