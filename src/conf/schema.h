/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine behind tables of options (lgw/conf.h): a group of the file into a struct, and back. */
#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

#include <libconfig.h>
#include <lgw/conf.h>
#include "conf/conf.h"

/* One more line of errors: "FILE:LINE: KEY: text". s may be NULL (file is named then). */
void conf_complain(struct conf_errors *e, const char *file, const config_setting_t *s,
	const char *key, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* A map that an option names (LGW_OPT_MAP_NAME), to be looked for when all are known. */
struct schema_map {
	char *where, *key, *name;
};

/* Where a group comes from: for messages. */
struct schema_ctx {
	struct conf_errors *errors;
	const char *file;
	char path[256];        /* of the group, "servers[0]" */
	bool trust;            /* secrets that only the service has are left out */
	struct lgw_list *maps; /* grows by struct schema_map; may be NULL */
};

/*
 * Fill a struct from a group. Defaults are set first where fresh is true; a second group into the
 * same struct overrides scalars, appends to lists and adds to maps by name. Every problem is
 * complained about; unknown keys too. group NULL: defaults only.
 */
void schema_fill(struct schema_ctx *ctx, const struct lgw_option *table, void *to, size_t size,
	const config_setting_t *group, bool fresh);
/* Free what a filled struct holds; secrets are wiped. The struct itself is the caller's. */
void schema_release(const struct lgw_option *table, void *from);

/* "500ms", "5s", "10min", "2h", "7d", "90" (seconds) to milliseconds; LGW_EINVAL. */
int schema_duration(const char *s, int64_t *ms);
/* "64k", "10M", "2G", "100" to bytes; LGW_EINVAL. */
int schema_size(const char *s, int64_t *bytes);
/* What a type is called in messages and manuals. */
const char *schema_type_name(enum lgw_option_type t);

#endif
