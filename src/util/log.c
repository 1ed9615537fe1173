/* SPDX-License-Identifier: BSD-3-Clause */
/* The one place with state of the process: the sink and the levels. */
#include "util/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <lgw/status.h>
#include "util/mem.h"
#include "util/str.h"

#define MODULES_MAX 64
#define TEXT_MAX    2048

static struct {
	char name[LOG_NAME_MAX];
	int level;
} levels[MODULES_MAX];
static unsigned nlevels;
static int default_level = LGW_LOG_INFO;
static atomic_uint generation = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* levels and sink */
static log_sink_fn sink = log_sink_stderr;
static void *sink_ud;

static const char *const level_names[] = {
	[LGW_LOG_ERR] = "err",
	[LGW_LOG_WARNING] = "warning",
	[LGW_LOG_NOTICE] = "notice",
	[LGW_LOG_INFO] = "info",
	[LGW_LOG_DEBUG] = "debug",
};

/* All that LOG_MODULE names; a test of the samples compares. */
static const char *const modules[] = { "daemon", "dbus", "fetch", "firmware", "gateway", "lwm2m",
	"plugin", "session", "software", "store", "transport" };

const char *log_module_fault(const char *module)
{
	for (size_t k = 0; k < ARRAY_SIZE(modules); k++)
		if (!strcmp(modules[k], module))
			return NULL;
	if (str_starts(module, "plugin/") && strlen(module) < LOG_NAME_MAX)
		return NULL;
	return "no such module: there are daemon, dbus, fetch, firmware, gateway, lwm2m, plugin, "
	       "session, software, store, transport, and plugin/NAME of each plugin";
}

int log_level_parse(const char *text)
{
	for (int i = LGW_LOG_ERR; i <= LGW_LOG_DEBUG; i++)
		if (str_eq(text, level_names[i]))
			return i;
	return LGW_EINVAL;
}

const char *log_level_text(enum lgw_log_level level)
{
	return level >= LGW_LOG_ERR && level <= LGW_LOG_DEBUG ? level_names[level] : "?";
}

void log_set_sink(log_sink_fn fn, void *ud)
{
	pthread_mutex_lock(&lock);
	sink = fn ? fn : log_sink_stderr;
	sink_ud = fn ? ud : NULL;
	pthread_mutex_unlock(&lock);
}

void log_sink_stderr(void *ud, const struct log_line *l)
{
	char where[320];
	int n = 0;

	(void)ud;
	where[0] = '\0';
	if (l->endpoint)
		n = snprintf(where, sizeof(where), " %s", l->endpoint);
	if (l->peer && n >= 0 && (size_t)n < sizeof(where))
		snprintf(where + n, sizeof(where) - (size_t)n, " [%s]", l->peer);
	fprintf(stderr, "%s: %s%s: %s\n", log_level_text(l->level), l->module, where, l->text);
}

void log_sink_syslog(void *ud, const struct log_line *l)
{
	(void)ud;
	syslog((int)l->level, "%s%s%s%s%s%s: %s", l->module, l->endpoint ? " " : "",
		l->endpoint ? l->endpoint : "", l->peer ? " [" : "", l->peer ? l->peer : "",
		l->peer ? "]" : "", l->text);
}

/* With the lock held. */
static int level_of(const char *module)
{
	for (unsigned i = 0; i < nlevels; i++)
		if (!strcmp(levels[i].name, module))
			return levels[i].level;
	return default_level;
}

enum lgw_log_level log_level(const char *module)
{
	int level;

	pthread_mutex_lock(&lock);
	level = module ? level_of(module) : default_level;
	pthread_mutex_unlock(&lock);
	return (enum lgw_log_level)level;
}

bool log_level_named(unsigned i, char name[LOG_NAME_MAX], enum lgw_log_level *level)
{
	bool there;

	pthread_mutex_lock(&lock);
	there = i < nlevels;
	if (there) {
		str_copy(name, LOG_NAME_MAX, levels[i].name);
		*level = (enum lgw_log_level)levels[i].level;
	}
	pthread_mutex_unlock(&lock);
	return there;
}

static int set_named(const char *module, int level)
{
	unsigned i = 0;

	while (i < nlevels && strcmp(levels[i].name, module))
		i++;
	if (i == MODULES_MAX)
		return LGW_ENOMEM;
	if (str_copy(levels[i].name, sizeof(levels[i].name), module))
		return LGW_EINVAL;
	levels[i].level = level;
	if (i == nlevels)
		nlevels++;
	return LGW_OK;
}

int log_set_level(const char *module, enum lgw_log_level level)
{
	int r = LGW_OK;

	if (level < LGW_LOG_ERR || level > LGW_LOG_DEBUG)
		return LGW_EINVAL;
	pthread_mutex_lock(&lock);
	if (module)
		r = set_named(module, (int)level);
	else
		default_level = (int)level;
	atomic_fetch_add(&generation, 1);
	pthread_mutex_unlock(&lock);
	return r;
}

void log_reset_levels(enum lgw_log_level dflt)
{
	pthread_mutex_lock(&lock);
	nlevels = 0;
	default_level = (int)dflt;
	atomic_fetch_add(&generation, 1);
	pthread_mutex_unlock(&lock);
}

bool log_wanted(struct log_module *m, enum lgw_log_level level)
{
	unsigned now = atomic_load_explicit(&generation, memory_order_relaxed);

	/* A module may be used from several threads: both fields change together only in value,
	 * at worst the table is looked up once more. */
	if (__atomic_load_n(&m->generation, __ATOMIC_ACQUIRE) != now) {
		pthread_mutex_lock(&lock);
		__atomic_store_n(&m->level, level_of(m->name), __ATOMIC_RELAXED);
		__atomic_store_n(&m->generation, now, __ATOMIC_RELEASE);
		pthread_mutex_unlock(&lock);
	}
	return (int)level <= __atomic_load_n(&m->level, __ATOMIC_RELAXED);
}

void log_vwrite(struct log_module *m, enum lgw_log_level level, const struct log_ctx *ctx,
	const char *file, int line, const char *fmt, va_list ap)
{
	char raw[TEXT_MAX], text[TEXT_MAX];
	struct log_line l = {
		.level = level,
		.module = m->name,
		.endpoint = ctx ? ctx->endpoint : NULL,
		.peer = ctx ? ctx->peer : NULL,
		.text = text,
		.file = file,
		.line = line,
	};

	if (vsnprintf(raw, sizeof(raw), fmt, ap) < 0)
		return;
	str_printable(text, sizeof(text), raw, strlen(raw));
	pthread_mutex_lock(&lock);
	sink(sink_ud, &l);
	pthread_mutex_unlock(&lock);
}

void log_write(struct log_module *m, enum lgw_log_level level, const struct log_ctx *ctx,
	const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vwrite(m, level, ctx, file, line, fmt, ap);
	va_end(ap);
}
