/* SPDX-License-Identifier: BSD-3-Clause */
/* A download as a row of attempts: what was written stays, each goes on where the last one ended.
 */
#include "fetch/fetch.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "crypto/cred.h"
#include "fetch/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/str.h"

LOG_MODULE("fetch");

#define ATTEMPTS_MAX 1000 /* with progress or without */
#define PAUSE_MAX_MS 300000u
#define WAIT_MS      1000 /* between looks for its interface */

static const struct fetch_ops *const registry[] = { &fetch_ops_coap, &fetch_ops_coaps,
	&fetch_ops_coap_tcp, &fetch_ops_coaps_tcp, &fetch_ops_http, &fetch_ops_https };

static const struct fetch_ops *find(const char *scheme, size_t len)
{
	for (size_t k = 0; k < ARRAY_SIZE(registry); k++)
		if (strlen(registry[k]->scheme) == len &&
			!strncasecmp(registry[k]->scheme, scheme, len))
			return registry[k];
	return NULL;
}

struct fetch_env *fetch_env_new(
	struct loop *loop, struct link_env *links, struct session_env *sessions)
{
	struct fetch_env *env = xcalloc(1, sizeof(*env));

	*env = (struct fetch_env){ loop, links, sessions, NULL };
	return env;
}

void fetch_env_free(struct fetch_env *env)
{
	if (!env)
		return;
	http_free(env->http);
	free(env);
}

/* --- what the ways tell -------------------------------------------------------------------- */

static void keep_tag(struct fetch *f, const char *tag)
{
	if (!strcmp(f->tag, tag))
		return;
	/* One that does not fit is as good as none. */
	if (str_copy(f->tag, sizeof(f->tag), tag))
		*f->tag = '\0';
	f->hooks->tag(f->ud, f->tag);
}

void fetch_changed(struct fetch *f)
{
	f->have = 0;
	keep_tag(f, "");
}

int fetch_begin(struct fetch *f, uint64_t offset, const char *tag)
{
	if (offset > f->have)
		return LGW_EINVAL;
	/* What is there is cut off before the tag speaks for it. */
	f->have = offset;
	if (ftruncate(f->p.fd, (off_t)offset))
		return LGW_EIO;
	keep_tag(f, tag);
	return LGW_OK;
}

int fetch_data(struct fetch *f, const void *p, size_t len)
{
	const char *at = p;

	if (len > f->p.max || f->have > f->p.max - len)
		return LGW_ETOOBIG;
	while (len) {
		ssize_t n = pwrite(f->p.fd, at, len, (off_t)f->have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? LGW_ETOOBIG
										    : LGW_EIO;
		at += n;
		len -= (size_t)n;
		f->have += (uint64_t)n;
	}
	return LGW_OK;
}

static void arm(struct fetch *f, int64_t ms)
{
	struct timers *ts = loop_timers(f->env->loop);

	timer_set(ts, &f->timer, timers_now(ts) + ms);
}

void fetch_attempt(struct fetch *f, int status, bool again)
{
	if (f->ended)
		return;
	f->status = status;
	f->again = again;
	f->ended = true;
	arm(f, 0);
}

/* --- attempts ------------------------------------------------------------------------------ */

/* Is there a way to go? That it is not there yet is no attempt that failed. */
static bool has_way(struct fetch *f)
{
	f->interface = f->hooks->interface ? f->hooks->interface(f->ud) : NULL;
	if (!f->interface || *f->interface) {
		f->waits = false;
		return true;
	}
	if (!f->waits)
		log_notice(NULL, "%s waits for its data connection", f->shown);
	f->waits = true;
	arm(f, WAIT_MS);
	return false;
}

static void begin(struct fetch *f)
{
	int r;

	if (!has_way(f))
		return;
	f->ended = false;
	f->attempts++;
	if (!*f->tag) /* nobody could say that the rest belongs to it */
		f->have = 0;
	f->before = f->have;
	r = f->ops ? f->ops->start(f) : LGW_ENOTSUP;
	if (r)
		fetch_attempt(f, r, false);
}

static bool try_again(struct fetch *f)
{
	uint32_t pause = f->p.pause_ms;

	if (!f->again)
		return false;
	f->failed = f->have > f->before && *f->tag ? 1 : f->failed + 1;
	if (f->failed >= f->p.tries || f->attempts >= ATTEMPTS_MAX)
		return false;
	for (uint32_t k = 1; k < f->failed && pause < PAUSE_MAX_MS; k++)
		pause *= 2;
	log_notice(NULL, "%s broke off at %llu bytes: %s; next attempt in %u ms", f->shown,
		(unsigned long long)f->have, err_text(f->status), pause);
	arm(f, pause);
	return true;
}

static void due(struct timer *t, void *ud)
{
	struct fetch *f = ud;

	(void)t;
	if (!f->ended) {
		begin(f);
		return;
	}
	if (f->ops)
		f->ops->stop(f);
	if (f->status && try_again(f)) {
		f->ended = false;
		return;
	}
	f->hooks->done(f->ud, f->status);
}

/* RFC 3986 §3.1, and no character that a URI cannot have. */
static const struct fetch_ops *ops_of(const char *uri, int *err)
{
	const char *colon = strchr(uri, ':');

	*err = LGW_EINVAL;
	if (!colon || colon == uri || strlen(uri) > FETCH_URI_MAX || !isalpha((unsigned char)*uri))
		return NULL;
	for (const char *p = uri; *p; p++)
		if (*p <= ' ' || *p > '~' || strchr("\"<>\\^`{|}", *p) ||
			(p < colon && !isalnum((unsigned char)*p) && !strchr("+-.", *p)))
			return NULL;
	*err = LGW_ENOTSUP;
	return find(uri, (size_t)(colon - uri));
}

/* For the log: without user and password. */
static char *shown(const char *uri)
{
	const char *host = strstr(uri, "://"), *at;

	host = host ? host + 3 : uri;
	at = memchr(host, '@', strcspn(host, "/?#"));
	return xasprintf("%.*s%s", (int)(at ? host - uri : 0), uri, at ? at + 1 : uri);
}

struct fetch *fetch_new(struct fetch_env *env, const struct fetch_params *p,
	const struct fetch_hooks *hooks, void *ud)
{
	struct fetch *f = xcalloc(1, sizeof(*f));
	int err;

	*f = (struct fetch){ .env = env, .hooks = hooks, .ud = ud, .p = *p };
	f->p.uri = xstrdup(p->uri);
	f->shown = shown(p->uri);
	f->p.user = xstrdup(p->user);
	f->p.password = xstrdup(p->password);
	f->p.ca_file = xstrdup(p->ca_file);
	f->p.cred = cred_ref(p->cred);
	f->p.tag = NULL;
	if (p->tag && p->have && !str_copy(f->tag, sizeof(f->tag), p->tag))
		f->have = p->have;
	timer_init(&f->timer, due, f);
	f->ops = ops_of(p->uri, &err);
	if (f->ops)
		arm(f, 0);
	else
		fetch_attempt(f, err, false);
	return f;
}

void fetch_free(struct fetch *f)
{
	if (!f)
		return;
	if (f->ops)
		f->ops->stop(f);
	timer_del(loop_timers(f->env->loop), &f->timer);
	cred_unref(f->p.cred);
	mem_wipe_str((char *)(uintptr_t)f->p.uri);
	free(f->shown);
	free((char *)(uintptr_t)f->p.user);
	mem_wipe_str((char *)(uintptr_t)f->p.password);
	free((char *)(uintptr_t)f->p.ca_file);
	free(f);
}

uint64_t fetch_bytes(const struct fetch *f)
{
	return f->have;
}
