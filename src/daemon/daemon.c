/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Start: loop, links, sessions, clients, gateway, plugins, bus. End: plugins first, so that nothing
 * new comes in, then the clients de-register, then the rest in reverse.
 */
#include "daemon/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "config.h"
#include "daemon/environment.h"
#include "daemon/journal.h"
#include "daemon/machine_id.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/storage.h"
#include "daemon/updates.h"
#include "loop/glib.h"
#include "lwm2m/clients.h"
#include "transport/ssl.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("daemon");

#define WORKERS       4
#define STATUS_MS     10000
#define STOP_EXTRA_MS 3000 /* beyond the de-registration's own limit */

struct daemon {
	struct conf_paths paths;
	int log_level;
	struct conf *conf;
	/* Definitions and maps that clients may still point to. */
	struct conf **old;
	size_t nold;
	struct loop *loop;
	struct workers *workers;
	struct link_env links;
	struct session_env sessions;
	struct storage storage;
	struct lwm2m_env lwm2m;
	struct updates *updates;
	struct gateway *gateway;
	struct plugins *plugins;
	struct loop_glib *glib;
	struct bus *bus;
	struct environment *environment;
	char machine_id[33];
	char early[640]; /* an alarm of the store while there was no bus */
	struct timer watchdog, status, deadline;
	int64_t watchdog_ms;
	int stopping; /* signals to end that came */
};

static int64_t now(const struct daemon *d)
{
	return timers_now(loop_timers(d->loop));
}

static void arm(struct daemon *d, struct timer *t, int64_t ms)
{
	timer_set(loop_timers(d->loop), t, now(d) + ms);
}

/* --- what goes on regularly ------------------------------------------------------------------ */

static void feed_watchdog(struct timer *t, void *ud)
{
	struct daemon *d = ud;
	const char *stuck = plugins_stuck(d->plugins);

	if (stuck)
		log_err(NULL, "thread \"%s\" makes no progress: the watchdog is not fed", stuck);
	else
		notify_watchdog();
	arm(d, t, d->watchdog_ms);
}

static void show_status(struct timer *t, void *ud)
{
	struct daemon *d = ud;
	char text[128];

	snprintf(text, sizeof(text), "%zu devices, %zu registered", gateway_count(d->gateway),
		clients_registered(d->lwm2m.clients));
	notify_status(text);
	arm(d, t, STATUS_MS);
}

static void complete_facts(struct daemon *d, struct conf *c)
{
	environment_facts(d->environment, d->machine_id, &conf_gateway_edit(c)->facts);
}

static const char *interface(void *ud)
{
	return conf_gateway(((struct daemon *)ud)->conf)->interface;
}

/* --- reload -------------------------------------------------------------------------------- */

static int reload(void *ud, char *text, size_t size)
{
	struct daemon *d = ud;
	struct conf_errors errors;
	const struct plugin_conf *plugins;
	struct conf *c;
	size_t n;

	notify_reloading();
	c = conf_load(&d->paths, &errors);
	for (size_t k = 0; k < errors.n; k++)
		log_err(NULL, "%s", errors.lines[k]);
	if (!c) {
		snprintf(text, size, "%s", errors.n ? errors.lines[0] : "not loaded");
		log_err(NULL, "configuration not changed: the new one has %zu errors", errors.n);
		conf_errors_fini(&errors);
		notify_ready();
		return LGW_EINVAL;
	}
	conf_errors_fini(&errors);
	complete_facts(d, c);
	journal_levels(conf_log(c), d->log_level);
	conf_share_objdefs(c, d->conf);
	/* Instances point into the definitions of their time. */
	d->old = xreallocarray(d->old, d->nold + 1, sizeof(*d->old));
	d->old[d->nold++] = d->conf;
	d->conf = c;
	d->lwm2m.defs = conf_objdefs(c);
	plugins = conf_plugins(c, &n);
	plugins_carriers(d->plugins, plugins, n);
	gateway_reload(d->gateway, conf_gateway(c));
	plugins_apply(d->plugins, plugins, n);
	log_notice(NULL, "configuration reloaded");
	notify_ready();
	return LGW_OK;
}

static void on_hup(void *ud, int signo)
{
	char text[512];

	(void)signo;
	reload(ud, text, sizeof(text));
}

/* --- the end ------------------------------------------------------------------------------- */

static void carriers_done(void *ud)
{
	loop_stop(((struct daemon *)ud)->loop);
}

/* All have said good-bye, over whatever carries it. */
static void gateway_done(void *ud)
{
	struct daemon *d = ud;

	plugins_stop(d->plugins, true, carriers_done, d);
}

static void plugins_done(void *ud)
{
	struct daemon *d = ud;

	gateway_stop(d->gateway, gateway_done, d);
}

static void out_of_time(struct timer *t, void *ud)
{
	struct daemon *d = ud;

	(void)t;
	log_warning(NULL, "not everything ended in time");
	loop_stop(d->loop);
}

static void on_term(void *ud, int signo)
{
	struct daemon *d = ud;

	if (d->stopping++) {
		loop_stop(d->loop);
		return;
	}
	log_notice(NULL, "%s, stopping", strsignal(signo));
	notify_stopping();
	arm(d, &d->deadline, conf_gateway(d->conf)->stop_timeout_ms + STOP_EXTRA_MS);
	store_leave(d->storage.store);
	clients_ending(d->lwm2m.clients); /* what goes with its plugin comes again with it */
	plugins_stop(d->plugins, false, plugins_done, d);
}

/* --- the begin ----------------------------------------------------------------------------- */

/* One socket per client and server: as many as the hard limit allows. */
static void raise_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur == r.rlim_max)
		return;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r))
		log_warning(NULL, "limit of open files not raised");
}

static int begin_loop(struct daemon *d)
{
	d->loop = loop_new();
	if (!d->loop)
		return LGW_EIO;
	d->environment = environment_new(d->loop);
	complete_facts(d, d->conf);
	d->workers = workers_new(d->loop, WORKERS);
	if (!d->workers)
		return LGW_EIO;
	signal(SIGPIPE, SIG_IGN);
	if (loop_signal(d->loop, SIGHUP, on_hup, d) || loop_signal(d->loop, SIGTERM, on_term, d) ||
		loop_signal(d->loop, SIGINT, on_term, d))
		return LGW_EIO;
	return LGW_OK;
}

/* SMS has another number of ours. */
static void renumbered(void *ud)
{
	clients_number_changed(((struct daemon *)ud)->lwm2m.clients);
}

static void store_alarm(void *ud, bool bad, const char *text)
{
	struct daemon *d = ud;

	if (d->bus) /* also that it is well again */
		bus_gateway_hooks.alarm(d->bus, "store", text);
	else if (bad)
		snprintf(d->early, sizeof(d->early), "%s", text);
	if (bad)
		log_warning(NULL, "%s", text);
}

static void store_renewed(void *ud)
{
	struct daemon *d = ud;

	if (!d->gateway)
		return; /* nothing was taken out of it so far */
	numbers_again(d->storage.numbers);
	clients_note_again(d->lwm2m.clients);
	gateway_note_again(d->gateway);
}

static const struct store_hooks store_hooks = { store_alarm, store_renewed };

static int begin_gateway(struct daemon *d)
{
	struct ssl_params ssl = conf_ssl(d->conf);
	struct store_params kept = conf_store(d->conf);
	struct updates_params updates;
	const struct plugin_conf *plugins;
	char text[512] = "";
	size_t n;
	int r;

	d->links =
		(struct link_env){ .loop = d->loop, .workers = d->workers, .ops = link_registry };
	d->links.ssl = ssl_shared_new(loop_timers(d->loop), &ssl);
	d->links.tcp_keepalive_s = conf_tcp_keepalive_s(d->conf);
	d->links.renumbered = renumbered;
	d->links.renumbered_ud = d;
	d->links.pick = session_pick;
	d->links.pick_ud = &d->sessions;
	d->sessions = (struct session_env){ .timers = loop_timers(d->loop),
		.pools = session_pools_new() };
	r = storage_begin(&d->storage, &kept, d->loop, &store_hooks, d);
	if (r)
		return r;
	if (d->storage.tickets)
		ssl_shared_store(d->links.ssl, &tickets_ops, d->storage.tickets);
	d->lwm2m = (struct lwm2m_env){ .timers = loop_timers(d->loop),
		.links = &d->links,
		.sessions = &d->sessions,
		.store = d->storage.store,
		.orphan_ttl_ms = conf_orphan_ttl_ms(d->conf),
		.oscore = &numbers_ops,
		.oscore_ud = d->storage.numbers,
		.defs = conf_objdefs(d->conf),
		.clients = clients_new(),
		.max_concurrent = conf_max_concurrent(d->conf) };
	d->gateway = gateway_new(
		&d->lwm2m, conf_gateway(d->conf), d->machine_id, &r, text, sizeof(text));
	if (!d->gateway) {
		log_err(NULL, "%s", text);
		return r;
	}
	updates = (struct updates_params){ conf_gateway(d->conf)->firmware.runner, d->paths.file,
		conf_bus(d->conf)->address };
	d->updates = updates_new(d->loop, &d->lwm2m, d->workers, &updates);
	gateway_set_parcels(d->gateway, updates_parcels(d->updates));
	d->plugins = plugins_new(d->loop, d->gateway, &d->links,
		d->paths.plugindir ? d->paths.plugindir : LGW_PLUGINDIR, d->machine_id);
	plugins = conf_plugins(d->conf, &n);
	plugins_carriers(d->plugins, plugins, n);
	return LGW_OK;
}

static const char *version(void *ud)
{
	(void)ud;
	return PACKAGE_VERSION;
}

static const struct bus_hooks bus_hooks = { reload, version };

static void begin_bus(struct daemon *d)
{
	d->glib = loop_glib_new(d->loop); /* plugins may need it, too */
	if (!conf_bus(d->conf)->enabled)
		return;
	d->bus = bus_new(d->loop, conf_bus(d->conf), d->gateway, d->plugins, &d->links,
		&d->sessions, &bus_hooks, d);
	if (d->bus)
		gateway_set_hooks(d->gateway, &bus_gateway_hooks, d->bus);
	if (d->bus && *d->early)
		bus_gateway_hooks.alarm(d->bus, "store", d->early);
	if (!d->bus)
		log_warning(NULL, "no D-Bus: lwm2mctl will not work");
}

struct daemon *daemon_new(struct conf *conf, const struct conf_paths *paths, int log_level)
{
	struct daemon *d = xcalloc(1, sizeof(*d));

	d->conf = conf;
	d->paths = *paths;
	d->log_level = log_level;
	timer_init(&d->watchdog, feed_watchdog, d);
	timer_init(&d->status, show_status, d);
	timer_init(&d->deadline, out_of_time, d);
	raise_files();
	machine_id_read(d->machine_id);
	if (begin_loop(d) || begin_gateway(d)) {
		log_err(NULL, "could not start");
		daemon_free(d);
		return NULL;
	}
	begin_bus(d);
	return d;
}

int daemon_run(struct daemon *d)
{
	const struct plugin_conf *plugins;
	size_t n;

	if (gateway_start(d->gateway)) /* its own client has no key, no name */
		return EXIT_STATUS_CONFIG;
	plugins = conf_plugins(d->conf, &n);
	plugins_apply(d->plugins, plugins, n);
	d->watchdog_ms = notify_watchdog_ms();
	if (d->watchdog_ms)
		arm(d, &d->watchdog, 0);
	arm(d, &d->status, 0);
	environment_watch(d->environment, d->gateway, interface, d);
	log_notice(NULL, "%s started; servers: %zu, plugins: %zu", PACKAGE_STRING,
		conf_gateway(d->conf)->nservers, n);
	if (!conf_gateway(d->conf)->nservers)
		log_notice(NULL, "no server is configured yet, see %s",
			d->paths.file ? d->paths.file : LGW_CONFDIR "/lwm2m-gateway.conf");
	notify_ready();
	return loop_run(d->loop) ? EXIT_STATUS_FAILED : EXIT_STATUS_OK;
}

void daemon_free(struct daemon *d)
{
	if (!d)
		return;
	if (d->bus)
		gateway_set_hooks(d->gateway, NULL, NULL);
	bus_free(d->bus);
	loop_glib_free(d->glib);
	gateway_free(d->gateway);
	updates_free(d->updates);
	plugins_free(d->plugins);
	storage_end(&d->storage); /* answers that wait for it are of the clients' */
	if (d->lwm2m.clients)
		clients_free(d->lwm2m.clients);
	session_pools_free(d->sessions.pools);
	ssl_shared_free(d->links.ssl);
	if (d->loop) {
		struct timers *ts = loop_timers(d->loop);

		timer_del(ts, &d->watchdog);
		timer_del(ts, &d->status);
		timer_del(ts, &d->deadline);
	}
	environment_free(d->environment);
	if (d->loop)
		link_env_fini(&d->links);
	workers_free(d->workers);
	loop_free(d->loop);
	for (size_t k = 0; k < d->nold; k++)
		conf_free(d->old[k]);
	free(d->old);
	conf_free(d->conf);
	free(d);
}
