/* SPDX-License-Identifier: BSD-3-Clause */
/* One running plugin and what is kept of it. */
#ifndef PLUGIN_STATE_H
#define PLUGIN_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include "loop/post.h"
#include "plugin/host.h"
#include "transport/carrier.h"
#include "util/log.h"

#define THREADS_MAX  16
#define COUNTERS_MAX 32

struct part {
	char *name, *text;
	bool ok;
};

struct counter {
	const char *name; /* a literal of the plugin */
	int64_t value;
};

struct beat {
	char *name;
	int64_t max_gap_ms;
	_Atomic int64_t last_ms; /* 0: free */
};

enum plugin_state { PLUGIN_WAITING, PLUGIN_RUNNING, PLUGIN_STOPPING };

struct plugin {
	struct lgw_host host; /* first: the plugin holds a pointer to it */
	struct plugins *all;
	LIST_ENTRY(plugin) next;
	const struct lgw_plugin *desc;
	const void *conf, *next_conf; /* next_conf: to start with once stopped */
	void *state;
	struct source *source;
	struct post *post;
	struct carrier *carrier; /* what the plugin brings; or NULL */
	struct log_module log;
	char log_name[80];
	enum plugin_state running;
	bool remove;
	struct timer retry;
	int64_t retry_ms;
	struct part *parts;
	unsigned nparts;
	pthread_mutex_t counters_lock;
	struct counter counters[COUNTERS_MAX];
	unsigned ncounters;
	struct beat beats[THREADS_MAX];
};

struct plugins {
	struct loop *loop;
	struct gateway *gateway;
	struct link_env *links;
	struct carriers *carriers;
	char *dir, *machine_id;
	LIST_HEAD(, plugin) list;
	bool ending, stop_carriers; /* for good; which ones now */
	void (*stopped)(void *ud);
	void *stopped_ud;
};

/* service.c: the functions of struct lgw_host */
void host_init(struct plugin *p);

#endif
