/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/keys.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "gateway/names.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/mem.h"
#include "util/str.h"
#include "util/wr.h"

#define BYTES_MAX 256

const char *const oscore_algorithms[] = { "AES-CCM-16-64-128", "AES-CCM-16-64-256",
	"AES-CCM-64-64-128", "AES-CCM-64-64-256", "AES-CCM-16-128-128", "AES-CCM-16-128-256",
	"AES-CCM-64-128-128", "AES-CCM-64-128-256", "A128GCM", "A192GCM", "A256GCM",
	"ChaCha20/Poly1305", NULL };
const int oscore_algorithm_ids[] = { 10, 11, 12, 13, 30, 31, 32, 33, 1, 2, 3, 24 };

struct field {
	uint8_t b[BYTES_MAX];
	size_t len;
};

static const char *part_of(const struct name_parts *who, const char *name, size_t len)
{
	if (len == strlen("endpoint") && !memcmp(name, "endpoint", len))
		return who->endpoint;
	if (len == strlen("device") && !memcmp(name, "device", len))
		return who->device;
	return NULL;
}

/* "hex:0a0b", or a text with {endpoint} and {device}. */
static int expand(struct field *f, const char *key, const char *t, const struct name_parts *who,
	char *text, size_t size)
{
	struct wr w = wr_of(f->b, sizeof(f->b));
	const char *part = "";

	if (str_starts(t, "hex:")) {
		int n = hex_decode(f->b, sizeof(f->b), t + 4, strlen(t + 4));

		if (n < 0)
			snprintf(text, size, "%s: not hexadecimal, or too long", key);
		f->len = n < 0 ? 0 : (size_t)n;
		return n < 0 ? n : LGW_OK;
	}
	while (*t && part) {
		size_t n = strcspn(t, "{"), len = strcspn(t + n, "}");

		wr_bytes(&w, t, n);
		t += n;
		if (!*t)
			break;
		part = t[len] ? part_of(who, t + 1, len - 1) : NULL;
		wr_str(&w, part ? part : "");
		t += len + 1;
	}
	f->len = w.len;
	if (part && !wr_err(&w))
		return LGW_OK;
	snprintf(text, size, "%s: %s", key,
		part ? "too long" : "expected {endpoint} or {device} in braces");
	return LGW_EINVAL;
}

/* The beginning of such a day, UTC; 0: it is none, or before 1970. */
static int64_t day_ms(const char *t)
{
	struct tm tm = { 0 };
	const char *end = strptime(t, "%Y-%m-%d", &tm);
	int64_t ms = end && !*end ? (int64_t)timegm(&tm) * 1000 : 0;

	return ms > 0 ? ms : 0;
}

int keys_oscore(const struct oscore_conf *t, const struct name_parts *who,
	const struct oscore_cred **out, char *text, size_t size)
{
	enum { SECRET, SALT, SENDER, RECIPIENT, CONTEXT, FIELDS };
	const struct {
		const char *key, *text;
	} src[FIELDS] = { { "master_secret", t->master_secret }, { "master_salt", t->master_salt },
		{ "sender_id", t->sender_id }, { "recipient_id", t->recipient_id },
		{ "id_context", t->id_context } };
	struct field f[FIELDS] = { { .len = 0 } };
	struct oscore_params p = { .has_id_context = t->id_context != NULL,
		.aead = oscore_algorithm_ids[t->algorithm],
		.rederive = t->recovery == OSCORE_CONF_REDERIVE,
		.since_ms = t->since ? day_ms(t->since) : 0 };
	struct oscore_bytes *to[FIELDS] = { &p.secret, &p.salt, &p.sender, &p.recipient,
		&p.id_context };
	int r = LGW_OK;

	*out = NULL;
	if (!t->master_secret)
		return LGW_OK;
	for (size_t k = 0; k < FIELDS && !r; k++) {
		r = src[k].text ? expand(&f[k], src[k].key, src[k].text, who, text, size) : LGW_OK;
		*to[k] = (struct oscore_bytes){ f[k].b, f[k].len };
	}
	if (!r && t->since && !p.since_ms) {
		snprintf(text, size, "since: expected a day as 2026-11-28");
		r = LGW_EINVAL;
	}
	r = r ? r : oscore_cred_new(&p, out, text, size);
	mem_wipe(f, sizeof(f));
	return r;
}

/* One server of one client; on failure nothing is held. */
static int make_one(const struct gateway_params *p, size_t k, const struct name_parts *who,
	struct account *a, char *text, size_t size)
{
	int r = LGW_OK;

	if (p->oscore)
		r = keys_oscore(&p->oscore[k], who, &a->oscore, text, size);
	if (!r && p->credentials)
		r = p->credentials(p->credentials_ud, k, false, who, &a->cred, text, size);
	if (r || !a->sms_number || !p->credentials)
		return r;
	if (!str_starts(a->uri, "sms:"))
		return p->credentials(p->credentials_ud, k, true, who, &a->sms_cred, text, size);
	a->sms_cred = cred_ref(a->cred);
	return LGW_OK;
}

static bool is_for(
	const struct gateway_params *p, size_t k, const struct name_parts *who, bool self)
{
	const char *whom = p->whom ? p->whom[k] : NULL;

	return !whom || (*whom ? !strcmp(whom, who->endpoint) : self);
}

int keys_make(const struct gateway_params *p, const struct name_parts *who, bool self,
	struct server_params *out, size_t *n, char *text, size_t size)
{
	char why[400];
	int r = p->nservers > SERVERS_MAX ? LGW_ETOOBIG : LGW_OK;

	*n = 0;
	for (size_t k = 0; k < p->nservers && !r; k++) {
		if (!is_for(p, k, who, self))
			continue;
		out[*n] = p->servers[k];
		r = make_one(p, k, who, &out[(*n)++].account, why, sizeof(why));
		if (r)
			snprintf(text, size, "%s: keys for server \"%s\": %s", who->endpoint,
				p->servers[k].account.name, why);
	}
	if (r)
		keys_drop(out, *n);
	return r;
}

void keys_drop(struct server_params *s, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		oscore_cred_unref(s[k].account.oscore);
		cred_unref(s[k].account.cred);
		cred_unref(s[k].account.sms_cred);
		s[k].account.sms_cred = NULL;
		s[k].account.oscore = NULL;
		s[k].account.cred = NULL;
	}
}
