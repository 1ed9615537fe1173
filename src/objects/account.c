/* SPDX-License-Identifier: BSD-3-Clause */
/* Server accounts as pairs of instances of objects 0 and 1 (LwM2M 1.0 §5.2.2, E.1, E.2). */
#include "objects/account.h"

#include <string.h>
#include "objects/standard.h"
#include "objects/state.h"
#include "util/err.h"

enum { SMS_PSK = 1, SMS_NOSEC = 3 }; /* /0/x/6 */

static int put(struct objects *o, struct path p, struct value v)
{
	return dm_set(o->dm, &p, &v, 0);
}

static int put_bytes(struct objects *o, struct path p, const uint8_t *bytes, size_t len)
{
	struct value v = { .type = VT_OPAQUE, .u.s = { bytes, (uint32_t)len } };

	return put(o, p, v);
}

/* The server's part is public; the secret key is written, never read, and stays out of the tree. */
static int add_credentials(struct objects *o, uint16_t x, const struct cred *c)
{
	static const struct cred_params none;
	const struct cred_params *p = c ? &c->p : &none;
	int r = put_bytes(o, PATH_RES(0, x, 3), p->identity.p, p->identity.len);

	r = r ? r : put_bytes(o, PATH_RES(0, x, 4), p->server.p, p->server.len);
	return r ? r : put_bytes(o, PATH_RES(0, x, 5), NULL, 0);
}

/* What LwM2M 1.1 adds, where it says something. */
static int add_tls(struct objects *o, uint16_t x, const struct cred *c)
{
	int r = LGW_OK;

	if (c->p.mode == CRED_X509 && c->p.server.len) {
		r = put(o, PATH_RES(0, x, 13), VALUE_INT(c->p.matching));
		r = r ? r : put(o, PATH_RES(0, x, 15), VALUE_INT(c->p.usage));
	}
	if (!r && c->p.sni)
		r = put(o, PATH_RES(0, x, 14), VALUE_STR(c->p.sni));
	for (size_t k = 0; !r && k < c->p.nsuites; k++)
		r = put(o, PATH_RI(0, x, 16, k), VALUE_INT(c->p.suites[k]));
	return r;
}

/* The context of OSCORE; its secret stays out of the tree as well. */
static int add_oscore(struct objects *o, uint16_t x, const struct oscore_cred *c)
{
	const struct oscore_params *p = &c->p;
	int r = object_add(o, 21);

	r = r ? r : dm_instance_add(o->dm, 21, x);
	r = r < 0 ? r : put_bytes(o, PATH_RES(21, x, 0), NULL, 0);
	r = r ? r : put_bytes(o, PATH_RES(21, x, 1), p->sender.p, p->sender.len);
	r = r ? r : put_bytes(o, PATH_RES(21, x, 2), p->recipient.p, p->recipient.len);
	r = r ? r : put(o, PATH_RES(21, x, 3), VALUE_INT(p->aead));
	r = r ? r : put(o, PATH_RES(21, x, 4), VALUE_INT(p->hkdf));
	if (!r && p->salt.len)
		r = put_bytes(o, PATH_RES(21, x, 5), p->salt.p, p->salt.len);
	if (!r && p->has_id_context)
		r = put_bytes(o, PATH_RES(21, x, 6), p->id_context.p, p->id_context.len);
	return r ? r : put(o, PATH_RES(0, x, 17), VALUE_LINK(21, x));
}

static int add_security(struct objects *o, uint16_t x, const struct account *a)
{
	int r = put(o, PATH_RES(0, x, 0), VALUE_STR(a->uri));

	r = r ? r : put(o, PATH_RES(0, x, 1), VALUE_BOOL(false));
	r = r ? r : put(o, PATH_RES(0, x, 2), VALUE_INT(a->security));
	r = r ? r : add_credentials(o, x, a->cred);
	if (!r && a->cred)
		r = add_tls(o, x, a->cred);
	if (!r && a->oscore)
		r = add_oscore(o, x, a->oscore);
	if (!r && a->sms_number) {
		r = put(o, PATH_RES(0, x, 6), VALUE_INT(a->sms_cred ? SMS_PSK : SMS_NOSEC));
		r = r ? r : put(o, PATH_RES(0, x, 9), VALUE_STR(a->sms_number));
	}
	return r ? r : put(o, PATH_RES(0, x, 10), VALUE_INT(a->ssid));
}

static int add_server(struct objects *o, uint16_t x, const struct account *a)
{
	int r = put(o, PATH_RES(1, x, 0), VALUE_INT(a->ssid));

	r = r ? r : put(o, PATH_RES(1, x, 1), VALUE_INT(a->lifetime));
	if (!r && a->pmin >= 0)
		r = put(o, PATH_RES(1, x, 2), VALUE_INT(a->pmin));
	if (!r && a->pmax >= 0)
		r = put(o, PATH_RES(1, x, 3), VALUE_INT(a->pmax));
	r = r ? r : dm_declare(o->dm, &PATH_RES(1, x, 4));
	r = r ? r : put(o, PATH_RES(1, x, 5), VALUE_INT(a->disable_timeout));
	r = r ? r : put(o, PATH_RES(1, x, 6), VALUE_BOOL(a->storing));
	r = r ? r : put(o, PATH_RES(1, x, 7), VALUE_STR(a->binding ? a->binding : "U"));
	r = r ? r : dm_declare(o->dm, &PATH_RES(1, x, 8));
	if (!r && o->env->server_bootstrap)
		r = dm_declare(o->dm, &PATH_RES(1, x, 9));
	if (!r && a->sms_number)
		r = put(o, PATH_RES(1, x, 21), VALUE_BOOL(a->trigger));
	return r;
}

/* The instance of an object whose resource rid says ssid, or LGW_ENOENT. */
static int find(const struct objects *o, uint16_t oid, uint16_t rid, uint16_t ssid)
{
	int32_t x = -1;
	struct value v;

	while (dm_next(o->dm, &PATH_OBJ(oid), &x))
		if (!dm_get(o->dm, &PATH_RES(oid, x, rid), &v, NULL) && v.u.i == ssid)
			return x;
	return LGW_ENOENT;
}

int account_add(struct objects *o, const struct account *a)
{
	int x, y, r;

	if (!a->ssid || a->ssid == 65535 || !a->uri)
		return LGW_EINVAL;
	if (find(o, 1, 0, a->ssid) >= 0)
		return LGW_EEXIST;
	x = dm_instance_add(o->dm, 0, PATH_ID_NONE);
	if (x < 0)
		return x;
	y = dm_instance_add(o->dm, 1, (uint16_t)x);
	r = y < 0 ? y : add_security(o, (uint16_t)x, a);
	r = r ? r : add_server(o, (uint16_t)x, a);
	if (!r) {
		dm_share(o->dm, 0, (uint16_t)x);
		dm_share(o->dm, 1, (uint16_t)x);
		return x;
	}
	dm_instance_remove(o->dm, 0, (uint16_t)x);
	dm_instance_remove(o->dm, 21, (uint16_t)x);
	if (y >= 0)
		dm_instance_remove(o->dm, 1, (uint16_t)x);
	return r;
}

int account_remove(struct objects *o, uint16_t ssid)
{
	int x = find(o, 0, 10, ssid), y = find(o, 1, 0, ssid);

	if (x >= 0) {
		dm_instance_remove(o->dm, 0, (uint16_t)x);
		dm_instance_remove(o->dm, 21, (uint16_t)x); /* if there is one */
	}
	if (y >= 0)
		dm_instance_remove(o->dm, 1, (uint16_t)y);
	return x < 0 && y < 0 ? LGW_ENOENT : LGW_OK;
}

static int64_t get_int(const struct objects *o, struct path p, int64_t dflt)
{
	struct value v;

	return dm_get(o->dm, &p, &v, NULL) ? dflt : v.u.i;
}

static const char *get_text(const struct objects *o, struct path p)
{
	struct value v;

	return dm_get(o->dm, &p, &v, NULL) ? NULL : (const char *)v.u.s.p;
}

int account_get(const struct objects *o, uint16_t ssid, struct account *out)
{
	int x = find(o, 0, 10, ssid), y = find(o, 1, 0, ssid);
	struct value v;

	if (x < 0 || y < 0)
		return LGW_ENOENT;
	*out = (struct account){ .ssid = ssid };
	out->uri = get_text(o, PATH_RES(0, x, 0));
	out->security = (enum security_mode)get_int(o, PATH_RES(0, x, 2), SEC_NONE);
	out->lifetime = get_int(o, PATH_RES(1, y, 1), 86400);
	out->pmin = get_int(o, PATH_RES(1, y, 2), -1);
	out->pmax = get_int(o, PATH_RES(1, y, 3), -1);
	out->disable_timeout = get_int(o, PATH_RES(1, y, 5), 86400);
	out->storing = dm_get(o->dm, &PATH_RES(1, y, 6), &v, NULL) || v.u.b;
	out->binding = get_text(o, PATH_RES(1, y, 7));
	out->sms_number = get_text(o, PATH_RES(0, x, 9));
	out->trigger = !dm_get(o->dm, &PATH_RES(1, y, 21), &v, NULL) && v.u.b;
	out->instance = (uint16_t)y;
	out->apn = -1;
	if (!dm_get(o->dm, &PATH_RES(1, y, 10), &v, NULL) && v.u.link.oid == 11)
		out->apn = v.u.link.iid;
	return LGW_OK;
}

bool account_reaches(const struct objects *o, uint16_t iid, const struct value *binding)
{
	int64_t ssid = get_int(o, PATH_RES(1, iid, 0), 0);
	int x = find(o, 0, 10, (uint16_t)ssid);
	const char *uri = x < 0 ? NULL : get_text(o, PATH_RES(0, x, 0));
	bool sms_only = uri && !strncmp(uri, "sms:", 4);

	if (memchr(binding->u.s.p, 'S', binding->u.s.len) &&
		(x < 0 || !get_text(o, PATH_RES(0, x, 9))))
		return false;
	return !sms_only || (!memchr(binding->u.s.p, 'U', binding->u.s.len) &&
				    !memchr(binding->u.s.p, 'T', binding->u.s.len));
}

void account_alert(struct objects *o, uint16_t ssid, uint8_t alert)
{
	int y = find(o, 1, 0, ssid);

	if (y >= 0)
		put(o, PATH_RES(1, y, 11), VALUE_INT(alert));
}
