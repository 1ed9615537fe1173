/* SPDX-License-Identifier: BSD-3-Clause */
/* Plugins loaded, started, watched and stopped; struct lgw_host is made here. */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <lgw/plugin.h>
#include "gateway/gateway.h"
#include "loop/loop.h"

struct link_env;
struct plugins;

/* dir: where NAME.so lie. links, which outlive it, are given the carriers of plugins. */
struct plugins *plugins_new(struct loop *l, struct gateway *g, struct link_env *links,
	const char *dir, const char *machine_id);
void plugins_free(struct plugins *ps);

/* Load a plugin without starting it: its descriptor gives the options. text gets the reason of a
 * failure (missing file, wrong ABI, wrong name). */
const struct lgw_plugin *plugins_load(const char *dir, const char *name, char *text, size_t size);

/* One configured plugin; conf as filled by its options, owned by the caller. */
struct plugin_conf {
	const struct lgw_plugin *desc;
	const void *conf;
};
/* Make the running set equal to this one: start, reload, stop what differs. A plugin that fails
 * to start is logged and tried again with pauses; it does not stop the daemon. */
void plugins_apply(struct plugins *ps, const struct plugin_conf *p, size_t n);
/* Their carriers and profiles of data connections, before anything of it runs: servers are reached
 * over them. */
void plugins_carriers(struct plugins *ps, const struct plugin_conf *p, size_t n);
/* At the end, for good: those that bring devices, or (carriers) those that the clients still need
 * to say good-bye. */
void plugins_stop(struct plugins *ps, bool carriers, void (*done)(void *ud), void *ud);

/* For status: parts and counters of a plugin. */
struct plugin_part {
	const char *plugin, *part, *text;
	bool ok;
};
bool plugins_part(const struct plugins *ps, size_t i, struct plugin_part *out);
struct plugin_counter {
	const char *plugin, *name;
	int64_t value;
};
bool plugins_counter(const struct plugins *ps, size_t i, struct plugin_counter *out);
/* NULL while all heartbeats are within their gap, else the name of the one that is late. */
const char *plugins_stuck(const struct plugins *ps);

#endif
