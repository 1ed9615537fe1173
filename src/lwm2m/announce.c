/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/announce.h"
#include <stdio.h>
#include <string.h>
#include "codec/codec.h"
#include "lwm2m/links.h"
#include "lwm2m/location.h"
#include "lwm2m/server.h"
#include "lwm2m/shared.h"
#include "lwm2m/sms.h"
#include "util/err.h"

/*
 * "</>;rt="oma.lwm2m";ct=11543,</1/0>,…". In 1.0 ct= says that JSON is understood (§5.3.1), in 1.1
 * it tells a server which formats it may use.
 */
static int list_put(struct announce *a, struct server *s)
{
	struct wr *w = shared_body(s->client->env->clients);
	struct link_writer lw = { w, 0 };
	struct path root = PATH_ROOT;
	int r;

	link_add(&lw, &root);
	link_param(&lw, "rt", "oma.lwm2m", true);
	if (s->conf->p.version == LWM2M_1_1) {
		wr_str(w, ";ct=\"");
		codec_list(w);
		wr_u8(w, '"');
	} else {
		link_param_int(&lw, "ct", CF_JSON);
	}
	r = dm_list(s->client->dm, links_put, &lw);
	if (r || wr_err(w))
		return r ? r : wr_err(w);
	a->msg.payload = w->p;
	a->msg.payload_len = w->len;
	return coap_add_uint(&a->msg, COAP_OPT_CONTENT_FORMAT, CF_LINK);
}

static int query(struct announce *a, const char *text)
{
	return coap_add_str(&a->msg, COAP_OPT_URI_QUERY, text);
}

/* b= of 1.0 is the binding as it is in /1/x/7; in 1.1 queue mode is a flag of its own. "U" is the
 * default and need not be said at first. */
static int binding_put(struct announce *a, const struct server *s, const char *binding, bool always)
{
	struct wr w = wr_of(a->binding, sizeof(a->binding) - 1);
	bool queue = false;
	int r = LGW_OK;

	wr_str(&w, "b=");
	for (const char *c = binding; *c; c++)
		if (*c == 'Q' && s->conf->p.version != LWM2M_1_0)
			queue = true;
		else
			wr_u8(&w, (uint8_t)*c);
	if (wr_err(&w))
		return wr_err(&w);
	a->binding[w.len] = '\0';
	if (always || queue || strcmp(a->binding, "b=U") != 0)
		r = query(a, a->binding);
	return !r && queue ? query(a, "Q") : r;
}

static int lifetime_put(struct announce *a, struct server *s, int64_t lifetime)
{
	s->lifetime_sent = lifetime;
	snprintf(a->lt, sizeof(a->lt), "lt=%lld", (long long)lifetime);
	return query(a, a->lt);
}

static const char *binding_of(const struct account *a)
{
	return a->binding ? a->binding : "U";
}

/* Where we are reached by SMS (§5.3.1). */
static int sms_put(struct announce *a, const struct server *s)
{
	const char *own = sms_own_number(s);

	if (!own)
		return LGW_OK;
	snprintf(a->sms, sizeof(a->sms), "sms=%s", own);
	return query(a, a->sms);
}

int announce_register(struct announce *a, struct server *s)
{
	struct account acc = s->conf->p.account;
	int r;

	server_account(s, &acc);
	coap_msg_init(&a->msg, COAP_CON, COAP_POST);
	r = coap_add_str(&a->msg, COAP_OPT_URI_PATH, "rd");
	snprintf(a->ep, sizeof(a->ep), "ep=%s", s->client->endpoint);
	r = r ? r : query(a, a->ep);
	r = r ? r : lifetime_put(a, s, acc.lifetime);
	r = r ? r : query(a, s->conf->p.version == LWM2M_1_1 ? "lwm2m=1.1" : "lwm2m=1.0");
	r = r ? r : binding_put(a, s, binding_of(&acc), false);
	r = r ? r : sms_put(a, s);
	return r ? r : list_put(a, s);
}

int announce_update(struct announce *a, struct server *s)
{
	struct account acc = s->conf->p.account;
	int r;

	server_account(s, &acc);
	coap_msg_init(&a->msg, COAP_CON, COAP_POST);
	r = location_put(&a->msg, s->location, s->location_len);
	s->lifetime_sent = s->lifetime;
	if (!r && acc.lifetime != s->lifetime)
		r = lifetime_put(a, s, acc.lifetime);
	if (!r && s->sent & WANT_BINDING)
		r = binding_put(a, s, binding_of(&acc), true);
	if (!r && s->sent & (WANT_SMS | WANT_BINDING))
		r = sms_put(a, s);
	return !r && s->sent & WANT_LIST ? list_put(a, s) : r;
}

int announce_deregister(struct announce *a, struct server *s)
{
	coap_msg_init(&a->msg, COAP_CON, COAP_DELETE);
	return location_put(&a->msg, s->location, s->location_len);
}
