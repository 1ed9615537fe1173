/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration: files, tables of options, the structs they fill. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <lgw/conf.h>
#include "dbus/bus.h"
#include "gateway/params.h"
#include "plugin/host.h"
#include "store/store.h"
#include "transport/ssl.h"

struct conf;

enum log_target { LOG_TARGET_AUTO, LOG_TARGET_JOURNAL, LOG_TARGET_SYSLOG, LOG_TARGET_STDERR };

struct conf_log {
	int target;              /* enum log_target */
	int level;               /* enum lgw_log_level as index of the choice list + LGW_LOG_ERR */
	struct lgw_list modules; /* of struct conf_log_module */
};
struct conf_log_module {
	char *name;
	int level;
};

/* Where the files are; NULL: the compiled-in places. */
struct conf_paths {
	const char *file; /* /etc/lwm2m-gateway/lwm2m-gateway.conf; FILE's conf.d beside it */
	const char *plugindir;
	const char *sharedir; /* maps/ and objects/ shipped with the package */
	bool check; /* "credential:" and "env:" are taken on trust: only the service has them */
};

/* Every error found, one line each: "FILE:LINE: KEY: what is wrong". */
struct conf_errors {
	char **lines;
	size_t n;
};
void conf_errors_fini(struct conf_errors *e);

/* Parse, merge, validate. NULL when there are errors. Loads plugins for their option tables. */
struct conf *conf_load(const struct conf_paths *paths, struct conf_errors *errors);
void conf_free(struct conf *c); /* secrets are wiped */

const struct gateway_params *conf_gateway(const struct conf *c);
/* The same, for facts that the machine tells where the file says nothing. */
struct gateway_params *conf_gateway_edit(struct conf *c);
const struct conf_log *conf_log(const struct conf *c);
const struct bus_params *conf_bus(const struct conf *c);
struct objdefs *conf_objdefs(const struct conf *c); /* loan */
/* Definitions that did not change since old are kept: what is shared by clients stays shared. */
void conf_share_objdefs(struct conf *c, const struct conf *old);
const struct plugin_conf *conf_plugins(const struct conf *c, size_t *n);
uint32_t conf_max_concurrent(const struct conf *c);
struct store_params conf_store(const struct conf *c); /* file is a loan */
int64_t conf_orphan_ttl_ms(const struct conf *c);
struct ssl_params conf_ssl(const struct conf *c);
/* Idle time before a TCP connection is probed; 0: never. */
uint32_t conf_tcp_keepalive_s(const struct conf *c);

/* All options as text: for `lwm2m-gatewayd --options` and the manual page (roff). */
int conf_document(
	const char *plugindir, bool roff, void (*out)(void *ud, const char *line), void *ud);

#endif
