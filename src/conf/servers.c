/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/servers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "transport/carrier.h"
#include "transport/link.h"
#include "types/format.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

/* --- what fits together ----------------------------------------------------------------------- */

static bool has_sms(const struct plugin_conf *p, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (p[k].desc->carrier && !strcmp(p[k].desc->carrier->scheme, "sms"))
			return true;
	return false;
}

static bool is_sms(const struct server_conf *s, struct uri *u)
{
	return s->uri && !uri_parse(u, s->uri, strlen(s->uri)) && !strcmp(u->scheme, "sms");
}

static void replace(char **to, const char *text)
{
	char *copy = xstrdup(text);

	free(*to);
	*to = copy;
}

/* The number as messages come from it; is it by SMS alone? */
static bool make_canonical(struct server_conf *s)
{
	char number[LGW_PEER_MAX];
	struct uri u;

	if (s->sms.number &&
		!uri_number(number, sizeof(number), s->sms.number, strlen(s->sms.number)))
		replace(&s->sms.number, number);
	if (!is_sms(s, &u))
		return false;
	free(s->uri);
	s->uri = xasprintf("sms:%s", u.host);
	replace(&s->sms.number, u.host);
	return true;
}

static const char *binding_fault(const struct server_conf *s, bool only)
{
	static const char *const all[] = { "U", "UQ", "T", "S", "SQ", "US", "UQS", NULL };
	size_t k = 0;

	while (all[k] && strcmp(all[k], s->binding))
		k++;
	if (!all[k])
		return "expected U, UQ, T, S, SQ, US or UQS";
	if (strchr(s->binding, 'S') && !s->sms.number)
		return "there is no sms.number";
	if (only && *s->binding != 'S')
		return "there is no way but SMS";
	return NULL;
}

int servers_check(
	struct server_conf *s, const struct plugin_conf *p, size_t n, char *text, size_t size)
{
	bool only = make_canonical(s);
	int security = only ? s->security : s->sms.security;
	const char *fault;

	if (!s->binding)
		s->binding = xstrdup(only ? "S" : s->uri && strstr(s->uri, "+tcp://") ? "T" : "U");
	fault = binding_fault(s, only);
	if (fault)
		snprintf(text, size, "binding \"%s\": %s", s->binding, fault);
	else if (s->sms.number && strlen(s->sms.number) >= LGW_PEER_MAX)
		snprintf(text, size, "the number is too long");
	else if (s->sms.number && !has_sms(p, n))
		snprintf(text, size, "SMS wants the plugin modem: plugins = { modem = { }; }");
	else if (s->sms.number && security == SECURITY_PSK && !servers_whom(s))
		snprintf(text, size,
			"DTLS over SMS is for one client, since all have one number: expected "
			"for = \"gateway\" or an endpoint name");
	else
		return LGW_OK;
	return LGW_EINVAL;
}

const char *servers_whom(const struct server_conf *s)
{
	if (!s->whom || !strcmp(s->whom, "all"))
		return NULL;
	return strcmp(s->whom, "gateway") ? s->whom : "";
}

bool servers_overlap(const struct server_conf *a, const struct server_conf *b)
{
	const char *x = servers_whom(a), *y = servers_whom(b);

	return !x || !y || !strcmp(x, y);
}

static uint16_t port_of(const struct uri *u)
{
	const struct link_ops *ops = link_ops_find(link_registry, u->scheme);

	return u->port || !ops ? u->port : ops->port;
}

static bool same_place(const char *a, const char *b)
{
	struct uri x, y;

	return a && b && !uri_parse(&x, a, strlen(a)) && !uri_parse(&y, b, strlen(b)) &&
	       !strcmp(x.scheme, y.scheme) && !strcasecmp(x.host, y.host) &&
	       port_of(&x) == port_of(&y);
}

int servers_clash(const struct server_conf *a, const struct server_conf *b, char *text, size_t size)
{
	if (a->ssid == b->ssid)
		snprintf(text, size, "ssid %lld is used twice", (long long)a->ssid);
	else if (!strcmp(a->name, b->name))
		snprintf(text, size, "name \"%s\" is used twice", a->name);
	else if (same_place(a->uri, b->uri) && servers_overlap(a, b))
		snprintf(text, size,
			"the same server as \"%s\": one registration would replace the other "
			"(lists of several files are joined)",
			a->name);
	else
		return LGW_OK;
	return LGW_EINVAL;
}

/* --- parameters ------------------------------------------------------------------------------- */

static int64_t period(int64_t ms)
{
	return ms ? (ms + 999) / 1000 : -1;
}

/* By the choices of the option "rights". */
static const uint8_t rights_denied[] = { 0, DM_D | DM_C, DM_W | DM_X | DM_D | DM_C,
	DM_R | DM_W | DM_X | DM_D | DM_C };

static enum security_mode security_mode(int security)
{
	static const enum security_mode modes[] = { [SECURITY_NOSEC] = SEC_NONE,
		[SECURITY_PSK] = SEC_PSK,
		[SECURITY_RPK] = SEC_RPK,
		[SECURITY_X509] = SEC_CERT };

	return modes[security];
}

/* In the order of the option's words. */
static const int formats[] = { FORMAT_BY_VERSION, CF_TLV, CF_JSON, CF_SENML_JSON, CF_SENML_CBOR };

static void fill_sessions(struct server_params *to, const struct server_conf *s)
{
	struct session_params *ip = &to->session, *sms = &to->sms;

	*ip = *sms = session_params_default;
	ip->ack_timeout_ms = (uint32_t)s->ack_timeout_ms;
	ip->max_retransmit = (uint32_t)s->max_retransmit;
	ip->nstart = (uint32_t)s->nstart;
	ip->response_timeout_ms = (uint32_t)s->response_timeout_ms;
	ip->block_size = sms->block_size = (uint32_t)s->block_size;
	sms->ack_timeout_ms = (uint32_t)s->sms.ack_timeout_ms;
	sms->max_retransmit = (uint32_t)s->sms.max_retransmit;
	sms->response_timeout_ms = (uint32_t)s->sms.response_timeout_ms;
	sms->separate_after_ms = sms->ack_timeout_ms / 2; /* an acknowledgement alone costs, too */
	if (str_starts(s->uri ? s->uri : "", "sms:"))
		*ip = *sms;
}

void servers_fill(struct server_params *to, const struct server_conf *s)
{
	const char *whom = servers_whom(s);

	*to = (struct server_params){
		.account = { .name = s->name,
			.uri = s->uri,
			.security = security_mode(s->security),
			.ssid = (uint16_t)s->ssid,
			.lifetime = s->lifetime_ms / 1000,
			.pmin = period(s->min_period_ms),
			.pmax = period(s->max_period_ms),
			.disable_timeout = s->disable_ms / 1000,
			.storing = s->storing,
			.binding = s->binding,
			.sms_number = s->sms.number,
			.trigger = s->sms.trigger },
		.version = (enum lwm2m_version)s->version,
		.format = formats[s->format],
		.denied = rights_denied[s->rights],
		.requests_to = whom && *whom ? whom : NULL,
		.notify_con = s->notify == 1,
		.history = (enum history_mode)s->history,
		.linked = s->linked,
		.deregister_on_stop = s->on_stop == 0,
		.retry_min_s = (uint32_t)(s->retry_min_ms / 1000),
		.retry_max_s = (uint32_t)(s->retry_max_ms / 1000),
		.awake_ms = (uint32_t)s->awake_ms,
	};
	fill_sessions(to, s);
}
