/* SPDX-License-Identifier: BSD-3-Clause */
/* Profiles of data connections as object 11: what is configured, what servers write, what is told.
 */
#include <stdlib.h>
#include <string.h>
#include "state.h"

enum {
	RES_NAME = 0,
	RES_APN = 1,
	RES_AUTOMATIC = 2,
	RES_ENABLED = 3,
	RES_AUTH = 4,
	RES_USER = 5,
	RES_SECRET = 6,
	RES_SCHEDULE = 7,
	RES_VALID = 8,
	RES_BEGIN = 9,
	RES_RESULT = 10,
	RES_CAUSE = 11,
	RES_END = 12,
	RES_SENT = 13,
	RES_RECEIVED = 14,
	RES_ADDRESS = 15,
	RES_PREFIX = 16,
	RES_MASK = 17,
	RES_GATEWAY = 18,
	RES_DNS1 = 19,
	RES_DNS2 = 20,
	RES_PDN = 24,
	RES_CONNECTED = 11, /* of object 10: the profiles that are */
};

#define DELAY_MAX_S (7 * 86400)

struct profile *profile_find(struct modem *m, uint16_t id)
{
	for (size_t k = 0; k < PROFILES_MAX; k++)
		if (m->profiles[k].used && m->profiles[k].id == id)
			return &m->profiles[k];
	return NULL;
}

void profile_changed(struct profile *p)
{
	p->m->host->timer_set(p->m->profiles_timer, 0);
}

/* --- what is told -------------------------------------------------------------------------------
 */

struct telling {
	const struct profile *p;
	struct lgw_setting s[96];
	size_t n;
	char texts[8][64];
	size_t ntexts;
};

static struct lgw_value *tell(struct telling *t, uint16_t resource, int32_t index)
{
	struct lgw_setting *s = &t->s[t->n];

	g_assert(t->n < G_N_ELEMENTS(t->s));
	t->n++;
	*s = (struct lgw_setting){ LGW_APN_PROFILE, t->p->id, resource, index,
		{ LGW_NULL, { 0 } } };
	return &s->value;
}

static void tell_text(struct telling *t, uint16_t resource, int32_t index, const char *text)
{
	struct lgw_value *v = tell(t, resource, index);

	if (!text)
		return;
	v->type = LGW_TEXT;
	v->u.s.p = text;
	v->u.s.len = strlen(text);
}

static void tell_int(struct telling *t, uint16_t resource, int32_t index, bool there, int64_t i)
{
	struct lgw_value *v = tell(t, resource, index);

	v->type = there ? LGW_INT : LGW_NULL;
	v->u.i = i;
}

static void tell_bool(struct telling *t, uint16_t resource, bool b)
{
	struct lgw_value *v = tell(t, resource, LGW_SINGLE);

	v->type = LGW_BOOL;
	v->u.b = b;
}

static const char *or_none(const char *text)
{
	return *text ? text : NULL;
}

static void tell_conf(struct telling *t)
{
	const struct profile_conf *c = &t->p->c;

	tell_text(t, RES_NAME, LGW_SINGLE, c->name);
	tell_text(t, RES_APN, LGW_SINGLE, c->automatic ? NULL : c->apn);
	tell_bool(t, RES_AUTOMATIC, c->automatic);
	tell_bool(t, RES_ENABLED, c->enabled);
	tell_int(t, RES_AUTH, LGW_SINGLE, true, c->auth);
	tell_text(t, RES_USER, LGW_SINGLE, or_none(c->user));
	tell_text(t, RES_SCHEDULE, LGW_SINGLE, or_none(c->schedule));
	for (size_t k = 0; k < VALID_MAX; k++)
		if (c->valid[k].riid >= 0)
			tell_text(t, RES_VALID, c->valid[k].riid, c->valid[k].plmn);
	tell_int(t, RES_PDN, LGW_SINGLE, true, c->pdn);
}

static void tell_attempts(struct telling *t)
{
	for (int32_t k = 0; k < ATTEMPTS_MAX; k++) {
		const struct attempt *a = &t->p->attempts[k];
		bool ended = a->begin_s && a->result != RESULT_PENDING;

		tell_int(t, RES_BEGIN, k, a->begin_s, a->begin_s);
		tell_int(t, RES_RESULT, k, ended, a->result);
		tell_int(t, RES_CAUSE, k, ended && a->result && a->cause >= 0, a->cause);
		tell_int(t, RES_END, k, a->end_s, a->end_s);
	}
}

/* ModemManager counts bytes where the modem does. */
static void tell_bytes(struct telling *t)
{
	int64_t sent = (int64_t)(t->p->sent + t->p->sent_now);
	int64_t received = (int64_t)(t->p->received + t->p->received_now);

	tell_int(t, RES_SENT, LGW_SINGLE, sent || received, sent);
	tell_int(t, RES_RECEIVED, LGW_SINGLE, sent || received, received);
}

/* "255.255.255.0" of 24. */
static const char *mask_of(struct telling *t, guint prefix)
{
	char *text = t->texts[t->ntexts++];
	guint32 bits = prefix ? G_MAXUINT32 << (32 - prefix) : 0;

	g_snprintf(text, sizeof(t->texts[0]), "%u.%u.%u.%u", bits >> 24, bits >> 16 & 255,
		bits >> 8 & 255, bits & 255);
	return text;
}

/* Family 0 is IPv4, 1 is IPv6: one instance each. */
static void tell_family(struct telling *t, int32_t k, MMBearerIpConfig *ip)
{
	const char *address = ip ? mm_bearer_ip_config_get_address(ip) : NULL;
	const char **dns = address ? mm_bearer_ip_config_get_dns(ip) : NULL;
	guint prefix = address ? mm_bearer_ip_config_get_prefix(ip) : 0;
	char *text = t->texts[t->ntexts++];

	g_snprintf(text, sizeof(t->texts[0]), "%u", prefix);
	tell_text(t, RES_ADDRESS, k, address);
	tell_text(t, RES_PREFIX, k, address && k ? text : NULL);
	tell_text(t, RES_MASK, k, address && !k && prefix <= 32 ? mask_of(t, prefix) : NULL);
	tell_text(t, RES_GATEWAY, k, address ? mm_bearer_ip_config_get_gateway(ip) : NULL);
	tell_text(t, RES_DNS1, k, dns ? dns[0] : NULL);
	tell_text(t, RES_DNS2, k, dns && dns[0] ? dns[1] : NULL);
}

static void show(const struct profile *p)
{
	const struct lgw_host *h = p->m->host;
	struct telling t = { .p = p };
	char link[16];
	struct lgw_setting on = { LGW_CELLULAR_CONNECTIVITY, 0, RES_CONNECTED, p->id,
		{ LGW_NULL, { 0 } } };

	tell_conf(&t);
	tell_attempts(&t);
	tell_bytes(&t);
	tell_family(&t, 0, p->connected ? mm_bearer_peek_ipv4_config(p->bearer) : NULL);
	tell_family(&t, 1, p->connected ? mm_bearer_peek_ipv6_config(p->bearer) : NULL);
	h->cellular_set(h, t.s, t.n);
	if (p->connected) {
		g_snprintf(link, sizeof(link), "%d:%u", LGW_APN_PROFILE, p->id);
		on.value.type = LGW_TEXT;
		on.value.u.s.p = link;
		on.value.u.s.len = strlen(link);
	}
	h->cellular_set(h, &on, 1);
	h->cellular_bearer(h, p->id, p->connected ? bearer_interface(p) : NULL);
}

static void show_all(void *ud)
{
	struct modem *m = ud;

	for (size_t k = 0; k < PROFILES_MAX; k++)
		if (m->profiles[k].used)
			show(&m->profiles[k]);
	facts_show(m);
}

/* --- what servers write
 * --------------------------------------------------------------------------- */

int64_t profile_delay_s(const char *schedule, unsigned n)
{
	gint64 delays[DELAYS_MAX];
	unsigned count = 0;

	if (!*schedule)
		return -1;
	for (const char *s = schedule;; s++) {
		char *end;

		if (!g_ascii_isdigit(*s) || count == DELAYS_MAX)
			return -1;
		delays[count] = g_ascii_strtoll(s, &end, 10);
		if (delays[count] > DELAY_MAX_S || (*end && *end != ','))
			return -1;
		count++;
		if (!*end)
			break;
		s = end;
	}
	return delays[n < count ? n : count - 1];
}

/* "262,01": three digits, then two or three. */
static bool plmn_valid(const char *s)
{
	size_t mcc = strspn(s, "0123456789");
	size_t mnc = s[mcc] == ',' ? strspn(s + mcc + 1, "0123456789") : 0;

	return mcc == 3 && (mnc == 2 || mnc == 3) && !s[mcc + 1 + mnc];
}

/* A text without NUL that fits; LGW_NULL empties it. */
static bool take_text(char *to, size_t size, const struct lgw_value *v)
{
	size_t len = v->type == LGW_TEXT ? v->u.s.len : 0;

	if (len >= size || (len && memchr(v->u.s.p, '\0', len)))
		return false;
	memset(to, 0, size);
	if (len)
		memcpy(to, v->u.s.p, len);
	return true;
}

static bool take_plmn(struct profile_conf *c, const struct lgw_setting *s)
{
	size_t k = 0, at = VALID_MAX;

	for (k = 0; k < VALID_MAX; k++) {
		if (s->index == LGW_SINGLE || c->valid[k].riid == s->index)
			c->valid[k].riid = -1; /* goes, or is written anew */
		if (c->valid[k].riid < 0 && at == VALID_MAX)
			at = k;
	}
	if (s->value.type == LGW_NULL)
		return true;
	if (at == VALID_MAX || !take_text(c->valid[at].plmn, sizeof(c->valid[at].plmn), &s->value))
		return false;
	c->valid[at].riid = s->index;
	return plmn_valid(c->valid[at].plmn);
}

static bool take_number(int *to, const struct lgw_value *v, int none, int min, int max)
{
	if (v->type == LGW_NULL) {
		*to = none;
		return true;
	}
	if (v->u.i < min || v->u.i > max)
		return false;
	*to = (int)v->u.i;
	return true;
}

static int take(struct profile_conf *c, const struct lgw_setting *s)
{
	const struct lgw_value *v = &s->value;
	bool ok, there = v->type != LGW_NULL;

	switch (s->resource) {
	case RES_NAME:
		ok = take_text(c->name, sizeof(c->name), v) && *c->name;
		break;
	case RES_APN:
		ok = take_text(c->apn, sizeof(c->apn), v);
		c->automatic = !there;
		break;
	case RES_AUTOMATIC: /* before or behind the APN: both at once are refused below */
		ok = true;
		c->automatic = there && v->u.b;
		break;
	case RES_ENABLED:
		ok = true;
		c->enabled = there && v->u.b;
		break;
	case RES_AUTH:
		ok = take_number(&c->auth, v, AUTH_NONE, AUTH_PAP, AUTH_NONE);
		break;
	case RES_USER:
		ok = take_text(c->user, sizeof(c->user), v);
		break;
	case RES_SECRET:
		ok = take_text(c->secret, sizeof(c->secret), v);
		break;
	case RES_SCHEDULE:
		ok = take_text(c->schedule, sizeof(c->schedule), v) &&
		     (!*c->schedule || profile_delay_s(c->schedule, 0) >= 0);
		break;
	case RES_VALID:
		ok = take_plmn(c, s);
		break;
	case RES_PDN: /* non-IP is nothing that Linux could use */
		ok = take_number(&c->pdn, v, PDN_IPV4, PDN_IPV4, PDN_IPV4V6);
		break;
	default:
		return LGW_ENOENT;
	}
	return ok ? LGW_OK : LGW_EINVAL;
}

static const struct profile_conf blank = { .automatic = true, .auth = AUTH_NONE, .pdn = PDN_IPV4 };

static void conf_blank(struct profile_conf *c)
{
	*c = blank;
	for (size_t k = 0; k < VALID_MAX; k++)
		c->valid[k].riid = -1;
}

/* The whole set on a copy. */
static int merge(struct modem *m, struct profile_conf *c, const struct lgw_setting *s, size_t n)
{
	const struct profile *p = profile_find(m, s[0].instance);
	bool apn = false, automatic = false;
	int r = LGW_OK;

	if (p)
		*c = p->c;
	else
		conf_blank(c);
	for (size_t k = 0; k < n && !r; k++) {
		r = take(c, &s[k]);
		apn = apn || (s[k].resource == RES_APN && s[k].value.type == LGW_TEXT);
		automatic = automatic || (s[k].resource == RES_AUTOMATIC &&
						 s[k].value.type == LGW_BOOL && s[k].value.u.b);
	}
	if (r)
		return r;
	if (apn && automatic)
		return LGW_EINVAL;
	if (apn)
		c->automatic = false;
	else if (!automatic && !*c->apn)
		c->automatic = true;
	if (c->automatic)
		memset(c->apn, 0, sizeof(c->apn));
	return c->enabled && m->conf->connect == CONNECT_NEVER ? LGW_EOP : LGW_OK;
}

int profile_check(struct modem *m, const struct lgw_setting *s, size_t n)
{
	struct profile_conf c;
	int r = merge(m, &c, s, n);

	explicit_bzero(&c, sizeof(c));
	return r;
}

static void slot_take(struct modem *m, struct profile *p, uint16_t id)
{
	memset(p, 0, sizeof(*p));
	p->m = m;
	p->id = id;
	p->used = true;
	p->timer = m->host->timer_new(m->host, bearer_retry, p);
	conf_blank(&p->c);
}

static struct profile *profile_new(struct modem *m, uint16_t id)
{
	struct profile *p = m->profiles;

	while (p < m->profiles + PROFILES_MAX && (p->used || p->leaving))
		p++;
	if (p == m->profiles + PROFILES_MAX)
		return NULL;
	slot_take(m, p, id);
	return p;
}

/* The bearer has to be made anew for this? */
static bool differs(const struct profile_conf *a, const struct profile_conf *b)
{
	return strcmp(a->apn, b->apn) || strcmp(a->user, b->user) || strcmp(a->secret, b->secret) ||
	       a->auth != b->auth || a->pdn != b->pdn;
}

static void take_over(struct profile *p, const struct profile_conf *c)
{
	p->stale = p->stale || differs(&p->c, c);
	p->c = *c;
	p->fails = 0; /* what was in vain may not be now */
	p->waits = false;
	p->m->host->timer_set(p->timer, 0);
	profile_changed(p);
}

int profile_apply(struct modem *m, uint64_t id, const struct lgw_setting *s, size_t n)
{
	struct profile *p = profile_find(m, s[0].instance);
	struct profile_conf c;
	int r = merge(m, &c, s, n);

	(void)id;
	if (!r && !p && !(p = profile_new(m, s[0].instance)))
		r = LGW_ENOMEM;
	if (!r) {
		take_over(p, &c);
		profile_remember(p);
	}
	explicit_bzero(&c, sizeof(c));
	return r;
}

int profile_create(void *state, uint16_t id)
{
	const struct modem *m = state;

	(void)id;
	for (size_t k = 0; k < PROFILES_MAX; k++)
		if (!m->profiles[k].used && !m->profiles[k].leaving)
			return LGW_OK;
	return LGW_ENOMEM;
}

/* The configured one stays. */
int profile_remove(void *state, uint16_t id)
{
	(void)state;
	return id ? LGW_OK : LGW_EOP;
}

void profile_gone(void *state, uint16_t id)
{
	struct modem *m = state;
	struct profile *p = profile_find(m, id);
	struct lgw_setting off = { LGW_CELLULAR_CONNECTIVITY, 0, RES_CONNECTED, id,
		{ LGW_NULL, { 0 } } };

	if (!p)
		return;
	profile_forget(p);
	p->used = false;
	p->leaving = true;
	m->host->cellular_set(m->host, &off, 1);
	m->host->cellular_bearer(m->host, id, NULL);
	bearer_step(p);
}

void profile_release(struct profile *p)
{
	p->m->host->timer_free(p->timer);
	explicit_bzero(p, sizeof(*p));
}

/* --- what is configured
 * --------------------------------------------------------------------------- */

static void conf_of(struct profile_conf *c, const struct modem_conf *conf)
{
	conf_blank(c);
	g_strlcpy(c->name, "default", sizeof(c->name));
	c->automatic = !conf->apn;
	if (conf->apn)
		g_strlcpy(c->apn, conf->apn, sizeof(c->apn));
	if (conf->user)
		g_strlcpy(c->user, conf->user, sizeof(c->user));
	if (conf->password)
		g_strlcpy(c->secret, conf->password, sizeof(c->secret));
	c->auth = conf->user ? conf->auth : AUTH_NONE;
	c->pdn = conf->ip + PDN_IPV4;
	c->enabled = conf->connect == CONNECT_ALWAYS;
}

static bool same(const struct modem_conf *a, const struct modem_conf *b)
{
	return !g_strcmp0(a->apn, b->apn) && !g_strcmp0(a->user, b->user) &&
	       !g_strcmp0(a->password, b->password) && a->auth == b->auth && a->ip == b->ip &&
	       a->connect == b->connect;
}

/* Those of an earlier life, each in its slot. */
static void recall_all(struct modem *m)
{
	for (struct profile *p = m->profiles; p < m->profiles + PROFILES_MAX; p++) {
		uint16_t id = 0;

		if (p != m->profiles)
			slot_take(m, p, UINT16_MAX);
		if (profile_recall(p, &id) && !(id && profile_find(m, id)))
			p->id = id;
		else if (p != m->profiles)
			profile_release(p);
	}
}

void profiles_begin(struct modem *m, const struct modem_conf *old)
{
	struct profile *p = profile_find(m, 0);
	struct profile_conf c;

	conf_of(&c, m->conf);
	if (!old) {
		m->profiles_timer = m->host->timer_new(m->host, show_all, m);
		p = profile_new(m, 0);
		take_over(p, &c);
		recall_all(m);
	} else if (!same(old, m->conf)) {
		profile_forget(p);
		take_over(p, &c);
	}
	for (size_t k = 0; k < PROFILES_MAX; k++)
		if (m->profiles[k].used && m->conf->connect == CONNECT_NEVER)
			m->profiles[k].c.enabled = false;
	explicit_bzero(&c, sizeof(c));
	show_all(m); /* they are in the first Register */
	bearers_step(m);
}

void profiles_end(struct modem *m)
{
	for (size_t k = 0; k < PROFILES_MAX; k++)
		if (m->profiles[k].used || m->profiles[k].leaving)
			profile_release(&m->profiles[k]);
	m->host->timer_free(m->profiles_timer);
}
