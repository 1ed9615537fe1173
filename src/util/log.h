/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Structured log lines: module, level, endpoint, peer, text. The sinks are chosen by the daemon.
 * Nothing is formatted when nobody wants the line. Safe from any thread.
 *
 *	LOG_MODULE("session");
 *	log_info(&(struct log_ctx){ .endpoint = ep, .peer = addr }, "registered at %s", loc);
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <lgw/log.h>

struct log_module {
	const char *name;
	unsigned generation; /* of the level table that level was taken from */
	int level;
};

#define LOG_MODULE(name_) static struct log_module log_module_ = { name_, 0, 0 }

/* Who a line is about; both may be NULL. */
struct log_ctx {
	const char *endpoint;
	const char *peer;
};

/* One finished line. Called from any thread, one call at a time. */
struct log_line {
	enum lgw_log_level level;
	const char *module;
	const char *endpoint; /* or NULL */
	const char *peer;     /* or NULL */
	const char *text;     /* no newline, no control characters */
	const char *file;
	int line;
};
typedef void (*log_sink_fn)(void *ud, const struct log_line *line);

/* Replace the sink; NULL: stderr. */
void log_set_sink(log_sink_fn fn, void *ud);
void log_sink_stderr(void *ud, const struct log_line *line);
void log_sink_syslog(void *ud, const struct log_line *line);

/* Level of a module by name ("session", "plugin/mqtt"); NULL: the default of all others. */
int log_set_level(const char *module, enum lgw_log_level level);
/* NULL, or why this can be the name of no module. */
const char *log_module_fault(const char *module);
/* Forget all levels set by name and set the default. */
void log_reset_levels(enum lgw_log_level dflt);
enum lgw_log_level log_level(const char *module);
/* The i-th module that has a level of its own; false at the end. */
#define LOG_NAME_MAX 32
bool log_level_named(unsigned i, char name[LOG_NAME_MAX], enum lgw_log_level *level);
/* "err", "warning", "notice", "info", "debug" to the level, or LGW_EINVAL. */
int log_level_parse(const char *text);
const char *log_level_text(enum lgw_log_level level);

bool log_wanted(struct log_module *m, enum lgw_log_level level);
void log_write(struct log_module *m, enum lgw_log_level level, const struct log_ctx *ctx,
	const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
void log_vwrite(struct log_module *m, enum lgw_log_level level, const struct log_ctx *ctx,
	const char *file, int line, const char *fmt, va_list ap)
	__attribute__((format(printf, 6, 0)));

#define log_at(level, ctx, ...)                                                               \
	do {                                                                                  \
		if (log_wanted(&log_module_, level))                                          \
			log_write(&log_module_, level, ctx, __FILE__, __LINE__, __VA_ARGS__); \
	} while (0)
#define log_err(ctx, ...)     log_at(LGW_LOG_ERR, ctx, __VA_ARGS__)
#define log_warning(ctx, ...) log_at(LGW_LOG_WARNING, ctx, __VA_ARGS__)
#define log_notice(ctx, ...)  log_at(LGW_LOG_NOTICE, ctx, __VA_ARGS__)
#define log_info(ctx, ...)    log_at(LGW_LOG_INFO, ctx, __VA_ARGS__)
#define log_debug(ctx, ...)   log_at(LGW_LOG_DEBUG, ctx, __VA_ARGS__)

#endif
