/* SPDX-License-Identifier: BSD-3-Clause */
/* A host, and a modem that is never there, for what is tested of profiles without ModemManager. */
#ifndef MODEM_FAKEHOST_H
#define MODEM_FAKEHOST_H

#include <stdlib.h>
#include <string.h>
#include "state.h"

struct lgw_timer {
	lgw_timer_fn fn;
	void *ud;
	bool armed;
};

/* What the plugin told, and what it keeps. */
static struct {
	struct lgw_timer *timers[32];
	size_t ntimers, ntold, nkept;
	struct {
		char name[LGW_KEEP_NAME_MAX];
		unsigned char bytes[LGW_KEEP_MAX];
		size_t len;
	} kept[LGW_KEEP_NAMES];
	struct lgw_setting told[512]; /* texts cut off */
	char texts[512][128];
	bool bearer[16];
} host;

static void __attribute__((format(printf, 4, 5))) host_log(const struct lgw_host *h,
	enum lgw_log_level level, const char *device, const char *fmt, ...)
{
	(void)h, (void)level, (void)device, (void)fmt;
}

static struct lgw_timer *host_timer_new(const struct lgw_host *h, lgw_timer_fn fn, void *ud)
{
	struct lgw_timer *t = calloc(1, sizeof(*t));

	(void)h;
	if (!t || host.ntimers == G_N_ELEMENTS(host.timers))
		abort();
	*t = (struct lgw_timer){ fn, ud, false };
	host.timers[host.ntimers++] = t;
	return t;
}

static void host_timer_set(struct lgw_timer *t, int64_t delay_ms)
{
	t->armed = delay_ms >= 0;
}

static void host_timer_free(struct lgw_timer *t)
{
	for (size_t k = 0; k < host.ntimers; k++)
		if (host.timers[k] == t)
			host.timers[k] = host.timers[--host.ntimers];
	free(t);
}

/* All that are due, until none is. */
static inline void host_run(void)
{
	for (size_t k = 0; k < host.ntimers; k++)
		if (host.timers[k]->armed) {
			host.timers[k]->armed = false;
			host.timers[k]->fn(host.timers[k]->ud);
			k = (size_t)-1;
		}
}

static int host_cellular_set(const struct lgw_host *h, const struct lgw_setting *s, size_t n)
{
	(void)h;
	for (size_t k = 0; k < n; k++) {
		size_t at = 0;

		while (at < host.ntold && (host.told[at].object != s[k].object ||
						  host.told[at].instance != s[k].instance ||
						  host.told[at].resource != s[k].resource ||
						  host.told[at].index != s[k].index))
			at++;
		if (at == G_N_ELEMENTS(host.told))
			abort();
		host.ntold += at == host.ntold;
		host.told[at] = s[k];
		if (s[k].value.type == LGW_TEXT) {
			g_strlcpy(host.texts[at], s[k].value.u.s.p, sizeof(host.texts[at]));
			host.told[at].value.u.s.p = host.texts[at];
		}
	}
	return LGW_OK;
}

static int host_cellular_bearer(const struct lgw_host *h, uint16_t profile, const char *interface)
{
	(void)h;
	if (profile < G_N_ELEMENTS(host.bearer))
		host.bearer[profile] = interface != NULL;
	return LGW_OK;
}

static int host_keep(const struct lgw_host *h, const char *name, const void *p, size_t len)
{
	size_t k = 0;

	(void)h;
	while (k < host.nkept && strcmp(host.kept[k].name, name) != 0)
		k++;
	if (!p) {
		if (k < host.nkept)
			host.kept[k] = host.kept[--host.nkept];
		return LGW_OK;
	}
	if (k == LGW_KEEP_NAMES || len > LGW_KEEP_MAX || strlen(name) >= LGW_KEEP_NAME_MAX)
		abort();
	host.nkept += k == host.nkept;
	g_strlcpy(host.kept[k].name, name, sizeof(host.kept[k].name));
	memcpy(host.kept[k].bytes, p, len);
	host.kept[k].len = len;
	return LGW_OK;
}

static int host_kept(const struct lgw_host *h, const char *name, void *buf, size_t size)
{
	(void)h;
	for (size_t k = 0; k < host.nkept; k++)
		if (!strcmp(host.kept[k].name, name)) {
			if (host.kept[k].len > size)
				return LGW_ETOOBIG;
			memcpy(buf, host.kept[k].bytes, host.kept[k].len);
			return (int)host.kept[k].len;
		}
	return LGW_ENOENT;
}

static void host_cellular_done(const struct lgw_host *h, uint64_t id, int status)
{
	(void)h, (void)id, (void)status;
}

static void host_state(const struct lgw_host *h, const char *part, bool ok, const char *text)
{
	(void)h, (void)part, (void)ok, (void)text;
}

static void host_count(const struct lgw_host *h, const char *name, int64_t add)
{
	(void)h, (void)name, (void)add;
}

static int64_t host_now(const struct lgw_host *h)
{
	(void)h;
	return 1700000000000;
}

static const struct lgw_host fake_host = { .log = host_log,
	.timer_new = host_timer_new,
	.timer_set = host_timer_set,
	.timer_free = host_timer_free,
	.cellular_set = host_cellular_set,
	.cellular_bearer = host_cellular_bearer,
	.cellular_done = host_cellular_done,
	.keep = host_keep,
	.kept = host_kept,
	.state = host_state,
	.count = host_count,
	.now_wall = host_now,
	.now_mono = host_now };

/* --- the rooms that are not there
 * ----------------------------------------------------------------- */

struct call *call_new(struct modem *m, void *ud)
{
	(void)m, (void)ud;
	abort(); /* there is no ModemManager to be called */
}

struct modem *call_end(gpointer call, void **ud)
{
	(void)call, (void)ud;
	return NULL;
}

void wake(void)
{
}

int64_t now_ms(const struct modem *m)
{
	return m->host->now_mono(m->host);
}

void facts_show(struct modem *m)
{
	(void)m;
}

void machine_step(struct modem *m)
{
	(void)m;
}

void machine_show(struct modem *m, enum show how, const char *text)
{
	(void)m, (void)how, (void)text;
}

bool machine_registered(const struct modem *m)
{
	(void)m;
	return false;
}

#endif
