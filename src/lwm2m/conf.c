/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of servers, kept once: ten thousand clients of one profile share them. */
#include <stdlib.h>
#include <string.h>
#include "crypto/cred.h"
#include "crypto/oscred.h"
#include "lwm2m/shared.h"
#include "util/mem.h"
#include "util/str.h"

static uint64_t conf_hash(const void *key, uint64_t seed)
{
	const struct server_params *p = key;

	uint64_t cred = p->account.cred ? map_hash_bytes(p->account.cred->digest,
						  sizeof(p->account.cred->digest), seed)
					: 0;

	return map_hash_str(p->account.uri ? p->account.uri : "", seed) ^ cred ^
	       map_hash_u64((uint64_t)p->account.lifetime << 16 ^ p->account.ssid, seed);
}

static bool account_eq(const struct account *a, const struct account *b)
{
	return str_eq(a->name, b->name) && str_eq(a->uri, b->uri) &&
	       str_eq(a->binding, b->binding) && a->security == b->security &&
	       cred_eq(a->cred, b->cred) && oscore_cred_eq(a->oscore, b->oscore) &&
	       a->ssid == b->ssid && a->lifetime == b->lifetime && a->pmin == b->pmin &&
	       a->pmax == b->pmax && a->disable_timeout == b->disable_timeout &&
	       a->storing == b->storing && str_eq(a->sms_number, b->sms_number) &&
	       cred_eq(a->sms_cred, b->sms_cred) && a->trigger == b->trigger;
}

uint64_t conf_fingerprint(const struct account *a)
{
	const char *const texts[] = { a->uri, a->binding, a->sms_number };
	const int64_t numbers[] = { a->security, a->ssid, a->lifetime, a->pmin, a->pmax,
		a->disable_timeout, a->storing, a->trigger };
	uint64_t h = map_hash_bytes(numbers, sizeof(numbers), 1);

	for (size_t k = 0; k < ARRAY_SIZE(texts); k++)
		h = map_hash_str(texts[k] ? texts[k] : "", h);
	return h;
}

static bool session_eq(const struct session_params *a, const struct session_params *b)
{
	return a->ack_timeout_ms == b->ack_timeout_ms && a->ack_random_pct == b->ack_random_pct &&
	       a->max_retransmit == b->max_retransmit && a->nstart == b->nstart &&
	       a->separate_after_ms == b->separate_after_ms &&
	       a->response_timeout_ms == b->response_timeout_ms &&
	       a->con_interval_ms == b->con_interval_ms && a->dedup_max == b->dedup_max &&
	       a->observers_max == b->observers_max && a->exchanges_max == b->exchanges_max &&
	       a->block_size == b->block_size && a->body_max == b->body_max &&
	       a->transfers_max == b->transfers_max;
}

static bool conf_match(const void *key, const void *item)
{
	const struct server_params *a = key;
	const struct server_params *b = &((const struct server_conf *)item)->p;

	return account_eq(&a->account, &b->account) && session_eq(&a->session, &b->session) &&
	       session_eq(&a->sms, &b->sms) && str_eq(a->requests_to, b->requests_to) &&
	       a->version == b->version && a->format == b->format && a->denied == b->denied &&
	       a->notify_con == b->notify_con && a->deregister_on_stop == b->deregister_on_stop &&
	       a->retry_min_s == b->retry_min_s && a->retry_max_s == b->retry_max_s &&
	       a->linked == b->linked && a->history == b->history && a->awake_ms == b->awake_ms;
}

static const void *conf_key(const void *item)
{
	return &((const struct server_conf *)item)->p;
}

const struct map_ops conf_map_ops = { conf_hash, conf_match, conf_key };

struct server_conf *conf_get(struct clients *cs, const struct server_params *p)
{
	struct server_conf *conf = map_get(&cs->confs, p);

	if (!conf) {
		conf = xcalloc(1, sizeof(*conf));
		conf->p = *p;
		conf->p.account.name = xstrdup(p->account.name);
		conf->p.account.uri = xstrdup(p->account.uri);
		conf->p.account.binding = xstrdup(p->account.binding);
		conf->p.account.sms_number = xstrdup(p->account.sms_number);
		conf->p.requests_to = xstrdup(p->requests_to);
		cred_ref(p->account.cred);
		cred_ref(p->account.sms_cred);
		oscore_cred_ref(p->account.oscore);
		map_put(&cs->confs, conf);
	}
	conf->refs++;
	return conf;
}

struct server_conf *conf_ref(struct server_conf *conf)
{
	conf->refs++;
	return conf;
}

bool conf_same_session(const struct server_conf *a, const struct server_conf *b)
{
	return str_eq(a->p.account.uri, b->p.account.uri) &&
	       a->p.account.security == b->p.account.security &&
	       cred_eq(a->p.account.cred, b->p.account.cred) &&
	       oscore_cred_eq(a->p.account.oscore, b->p.account.oscore) &&
	       a->p.version == b->p.version && session_eq(&a->p.session, &b->p.session) &&
	       str_eq(a->p.account.sms_number, b->p.account.sms_number) &&
	       cred_eq(a->p.account.sms_cred, b->p.account.sms_cred) &&
	       session_eq(&a->p.sms, &b->p.sms) && str_eq(a->p.requests_to, b->p.requests_to);
}

bool conf_same_account(const struct server_conf *a, const struct server_conf *b)
{
	return account_eq(&a->p.account, &b->p.account);
}

void conf_put(struct clients *cs, struct server_conf *conf)
{
	if (!conf || --conf->refs)
		return;
	map_take(&cs->confs, &conf->p);
	free((char *)conf->p.account.name);
	free((char *)conf->p.account.uri);
	free((char *)conf->p.account.binding);
	free((char *)conf->p.account.sms_number);
	free((char *)conf->p.requests_to);
	cred_unref(conf->p.account.cred);
	cred_unref(conf->p.account.sms_cred);
	oscore_cred_unref(conf->p.account.oscore);
	free(conf);
}
