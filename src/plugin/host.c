/* SPDX-License-Identifier: BSD-3-Clause */
/* The running set of plugins: started, reloaded, tried again, stopped. */
#include "plugin/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "loop/clock.h"
#include "plugin/state.h"
#include "util/err.h"
#include "util/mem.h"

LOG_MODULE("plugin");

#define RETRY_FIRST_MS 1000
#define RETRY_MAX_MS   60000

static int command(void *ud, const struct lgw_command *cmd)
{
	struct plugin *p = ud;

	if (p->running != PLUGIN_RUNNING)
		return LGW_EUNAVAIL;
	return p->desc->command ? p->desc->command(p->state, cmd) : LGW_EOP;
}

static bool firmware_offers(void *ud, const char *device)
{
	const struct plugin *p = ud;
	const struct lgw_firmware *f = p->desc->firmware;

	return f && p->running == PLUGIN_RUNNING && f->offers(p->state, device);
}

static int firmware(void *ud, const struct lgw_firmware_job *job)
{
	struct plugin *p = ud;

	if (p->running != PLUGIN_RUNNING)
		return LGW_EUNAVAIL;
	return p->desc->firmware ? p->desc->firmware->begin(p->state, job) : LGW_EOP;
}

static bool knows(void *ud, const char *device, const char *group)
{
	const struct plugin *p = ud;

	return !p->desc->device_known || p->desc->device_known(p->state, device, group);
}

static const struct lgw_cellular_ops *cellular(void *ud, void **state)
{
	const struct plugin *p = ud;

	*state = p->state;
	return p->running == PLUGIN_RUNNING ? p->desc->cellular : NULL;
}

static const struct source_ops source_ops = { command, firmware_offers, firmware, knows, cellular };

struct plugins *plugins_new(struct loop *l, struct gateway *g, struct link_env *links,
	const char *dir, const char *machine_id)
{
	struct plugins *ps = xcalloc(1, sizeof(*ps));

	ps->loop = l;
	ps->gateway = g;
	ps->links = links;
	ps->carriers = links->carriers = carriers_new(links, loop_timers(l));
	ps->dir = xstrdup(dir);
	ps->machine_id = xstrdup(machine_id);
	return ps;
}

static void plugin_start(struct plugin *p)
{
	struct timers *ts = loop_timers(p->all->loop);
	bool behind = p->desc->cellular && gateway_cellular_begin(p->source);
	int r = p->desc->start(&p->host, p->conf, &p->state);

	if (r && behind)
		gateway_cellular_end(p->source);
	if (!r) {
		p->running = PLUGIN_RUNNING;
		if (p->carrier)
			carrier_attach(p->carrier, p->state);
		p->retry_ms = RETRY_FIRST_MS;
		log_info(NULL, "%s started", p->desc->name);
		gateway_source_ready(p->source);
		return;
	}
	log_err(NULL, "%s did not start: %s; next attempt in %lld s", p->desc->name, err_text(r),
		(long long)(p->retry_ms / 1000));
	timer_set(ts, &p->retry, timers_now(ts) + p->retry_ms);
	p->retry_ms = p->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : p->retry_ms * 2;
}

static void try_again(struct timer *t, void *ud)
{
	(void)t;
	plugin_start(ud);
}

static void plugin_add(struct plugins *ps, const struct plugin_conf *pc)
{
	struct plugin *p = xcalloc(1, sizeof(*p));

	p->all = ps;
	p->desc = pc->desc;
	p->conf = pc->conf;
	p->retry_ms = RETRY_FIRST_MS;
	snprintf(p->log_name, sizeof(p->log_name), "plugin/%s", pc->desc->name);
	p->log.name = p->log_name;
	pthread_mutex_init(&p->counters_lock, NULL);
	timer_init(&p->retry, try_again, p);
	host_init(p);
	p->post = post_new(ps->loop);
	if (!p->post) {
		log_err(NULL, "%s: no mailbox", pc->desc->name);
		pthread_mutex_destroy(&p->counters_lock);
		free(p);
		return;
	}
	if (pc->desc->carrier)
		p->carrier = carriers_add(ps->carriers, pc->desc->carrier);
	p->source = gateway_source_add(ps->gateway, pc->desc->name, &source_ops, p);
	LIST_INSERT_HEAD(&ps->list, p, next);
	plugin_start(p);
}

static void plugin_free(struct plugin *p)
{
	LIST_REMOVE(p, next);
	timer_del(loop_timers(p->all->loop), &p->retry);
	post_free(p->post);
	for (unsigned k = 0; k < p->nparts; k++) {
		free(p->parts[k].name);
		free(p->parts[k].text);
	}
	free(p->parts);
	for (int k = 0; k < THREADS_MAX; k++)
		free(p->beats[k].name);
	pthread_mutex_destroy(&p->counters_lock);
	free(p);
}

static void all_stopped(struct plugins *ps)
{
	void (*stopped)(void *) = ps->stopped;
	const struct plugin *p;

	if (!stopped)
		return;
	LIST_FOREACH(p, &ps->list, next)
		if ((p->carrier != NULL) == ps->stop_carriers)
			return;
	ps->stopped = NULL;
	stopped(ps->stopped_ud);
}

/* From a letter: the plugin's own stack is gone by now. */
static void bury(void *ud)
{
	struct plugin *p = ud;
	struct plugins *ps = p->all;

	p->running = PLUGIN_WAITING;
	p->state = NULL;
	gateway_cellular_end(p->source);
	log_info(NULL, "%s stopped", p->desc->name);
	if (!p->remove) {
		p->conf = p->next_conf;
		plugin_start(p);
		return;
	}
	if (!ps->ending) /* at the end of all the gateway de-registers its devices itself */
		gateway_source_remove(p->source);
	plugin_free(p);
	all_stopped(ps);
}

static void stopped(void *ud)
{
	struct plugin *p = ud;

	/* Letters sent before this one still find everything in place. */
	post_send(p->post, bury, p);
}

static void plugin_stop(struct plugin *p, bool remove)
{
	p->remove = remove;
	if (p->running == PLUGIN_STOPPING)
		return;
	timer_del(loop_timers(p->all->loop), &p->retry);
	if (p->running == PLUGIN_WAITING) {
		stopped(p);
		p->running = PLUGIN_STOPPING;
		return;
	}
	p->running = PLUGIN_STOPPING;
	if (p->carrier)
		carrier_attach(p->carrier, NULL);
	p->desc->stop(p->state, stopped, p);
}

static struct plugin *find(struct plugins *ps, const char *name)
{
	struct plugin *p;

	LIST_FOREACH(p, &ps->list, next)
		if (!strcmp(p->desc->name, name))
			break;
	return p;
}

static void plugin_change(struct plugin *p, const struct plugin_conf *pc)
{
	p->next_conf = pc->conf;
	p->remove = false;
	if (p->running == PLUGIN_WAITING) {
		p->conf = pc->conf;
		return;
	}
	if (p->running == PLUGIN_RUNNING && p->desc->reload &&
		!p->desc->reload(p->state, pc->conf)) {
		p->conf = pc->conf;
		return;
	}
	plugin_stop(p, false);
}

static bool brings_profiles(const struct plugin_conf *pc, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (pc[k].desc->cellular)
			return true;
	return false;
}

void plugins_apply(struct plugins *ps, const struct plugin_conf *pc, size_t n)
{
	struct plugin *p, *next;

	for (p = LIST_FIRST(&ps->list); p; p = next) {
		bool wanted = false;

		next = LIST_NEXT(p, next);
		for (size_t k = 0; k < n; k++)
			wanted = wanted || pc[k].desc == p->desc;
		if (!wanted)
			plugin_stop(p, true);
	}
	for (size_t k = 0; k < n; k++) {
		p = find(ps, pc[k].desc->name);
		if (p)
			plugin_change(p, &pc[k]);
		else
			plugin_add(ps, &pc[k]);
	}
	gateway_cellular_expect(ps->gateway, brings_profiles(pc, n));
}

void plugins_carriers(struct plugins *ps, const struct plugin_conf *pc, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (pc[k].desc->carrier)
			carriers_add(ps->carriers, pc[k].desc->carrier);
	gateway_cellular_expect(ps->gateway, brings_profiles(pc, n));
}

void plugins_stop(struct plugins *ps, bool carriers, void (*done)(void *ud), void *ud)
{
	struct plugin *p;

	ps->stopped = done;
	ps->stopped_ud = ud;
	ps->stop_carriers = carriers;
	ps->ending = true;
	LIST_FOREACH(p, &ps->list, next)
		if ((p->carrier != NULL) == carriers)
			plugin_stop(p, true);
	all_stopped(ps);
}

void plugins_free(struct plugins *ps)
{
	if (!ps)
		return;
	/* Whoever did not stop in time is left where it is: its threads may still use it. */
	ps->links->carriers = NULL;
	carriers_free(ps->carriers);
	free(ps->dir);
	free(ps->machine_id);
	free(ps);
}

bool plugins_part(const struct plugins *ps, size_t i, struct plugin_part *out)
{
	const struct plugin *p;

	LIST_FOREACH(p, &ps->list, next) {
		if (i < p->nparts) {
			*out = (struct plugin_part){ p->desc->name, p->parts[i].name,
				p->parts[i].text, p->parts[i].ok };
			return true;
		}
		i -= p->nparts;
	}
	return false;
}

bool plugins_counter(const struct plugins *ps, size_t i, struct plugin_counter *out)
{
	struct plugin *p;

	LIST_FOREACH(p, &ps->list, next) {
		bool found;

		pthread_mutex_lock(&p->counters_lock);
		found = i < p->ncounters;
		if (found)
			*out = (struct plugin_counter){ p->desc->name, p->counters[i].name,
				p->counters[i].value };
		else
			i -= p->ncounters;
		pthread_mutex_unlock(&p->counters_lock);
		if (found)
			return true;
	}
	return false;
}

const char *plugins_stuck(const struct plugins *ps)
{
	int64_t now = clock_system.mono_ms(NULL);
	struct plugin *p;

	LIST_FOREACH(p, &ps->list, next)
		for (int k = 0; k < THREADS_MAX; k++) {
			int64_t last = atomic_load(&p->beats[k].last_ms);

			if (last && now - last > p->beats[k].max_gap_ms)
				return p->beats[k].name;
		}
	return NULL;
}
