/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/push.h"
#include <stdlib.h>
#include "lwm2m/reply.h"
#include "lwm2m/serve.h"
#include "types/format.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"

struct push {
	struct server *server;
	struct path path;
	int id;        /* of the model's transfer; 0: refused */
	int status;    /* why nothing more is taken */
	size_t skip;   /* bytes that are still no value */
	uint64_t left; /* of the value; UINT64_MAX: unknown */
};

/* LwM2M 1.0 §6.4.3: one resource with a value. */
static uint64_t tlv_header(struct rd *r, uint16_t rid)
{
	uint8_t type = rd_u8(r);
	uint16_t id = type & 0x20 ? rd_u16(r) : rd_u8(r);

	if (type >> 6 != 3 || id != rid)
		rd_fail(r, LGW_EINVAL);
	return type & 0x18 ? rd_uint(r, type >> 3 & 3) : type & 7u;
}

/* RFC 8949 §3: a byte string of a length that is said. */
static uint64_t cbor_header(struct rd *r)
{
	uint8_t first = rd_u8(r), info = first & 0x1f;

	if (first >> 5 != 2 || info > 27)
		rd_fail(r, LGW_EINVAL);
	return info < 24 ? info : rd_uint(r, (size_t)1 << (info - 24));
}

int push_header(
	int format, uint16_t rid, const uint8_t *p, size_t len, size_t *skip, uint64_t *value)
{
	struct rd r = rd_of(p, len);

	switch (format) {
	case CF_OPAQUE:
		*value = UINT64_MAX;
		break;
	case CF_TLV:
	case CF_TLV_OLD:
		*value = tlv_header(&r, rid);
		break;
	case CF_CBOR:
		*value = cbor_header(&r);
		break;
	default:
		return LGW_EFORMAT;
	}
	*skip = len - rd_left(&r);
	return rd_err(&r) ? LGW_EINVAL : LGW_OK;
}

static uint8_t push_write(void *ud, const uint8_t *p, size_t len)
{
	struct push *u = ud;
	size_t skip = u->skip < len ? u->skip : len;

	u->skip -= skip;
	p += skip;
	len -= skip;
	if (!u->status && len > u->left)
		u->status = LGW_EINVAL;
	if (!u->status)
		u->status = dm_stream_write(u->server->client->dm, &u->path, u->id, p, len);
	if (u->left != UINT64_MAX && !u->status)
		u->left -= len;
	return u->status ? reply_code(u->status) : 0;
}

static void push_end(void *ud, struct exchange *x, const struct coap_msg *req)
{
	struct push *u = ud;
	bool whole = x && !u->status && (!u->left || u->left == UINT64_MAX);
	int r = LGW_OK;

	(void)req;
	if (u->id)
		r = dm_stream_end(u->server->client->dm, &u->path, u->id, whole);
	if (x) {
		u->server->requests++;
		if (!whole)
			r = u->status ? u->status : LGW_EINVAL;
		reply_status(x, r, COAP_204);
	}
	free(u);
}

bool push_begin(struct server *s, const struct coap_msg *first, struct body_sink *sink)
{
	int format = (int)coap_opt_uint(first, COAP_OPT_CONTENT_FORMAT, CF_OPAQUE);
	struct push u = { .server = s };
	int id;

	if ((first->code != COAP_PUT && first->code != COAP_POST) || serve_path(first, &u.path) ||
		u.path.n != 3 || coap_opt_find(first, COAP_OPT_URI_QUERY))
		return false;
	u.status = push_header(
		format, u.path.id[2], first->payload, first->payload_len, &u.skip, &u.left);
	if (u.status == LGW_EFORMAT)
		return false;
	id = u.status ? LGW_ENOTSUP : dm_stream_begin(s->client->dm, s->ssid, &u.path);
	if (id == LGW_ENOTSUP)
		return false;
	if (id > 0)
		u.id = id;
	else
		u.status = id;
	*sink = (struct body_sink){ push_write, push_end, xmemdup(&u, sizeof(u)) };
	return true;
}
