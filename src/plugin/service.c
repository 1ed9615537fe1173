/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What struct lgw_host offers. Calls of any thread are copied into a letter for the loop's thread;
 * the order of one thread's calls is kept.
 */
#include <stdlib.h>
#include <string.h>
#include "loop/clock.h"
#include "plugin/state.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

static struct plugin *plugin_of(const struct lgw_host *h)
{
	return container_of((struct lgw_host *)(uintptr_t)h, struct plugin, host);
}

/* --- log ----------------------------------------------------------------------------------- */

static void __attribute__((format(printf, 4, 5))) host_log(const struct lgw_host *h,
	enum lgw_log_level level, const char *device, const char *fmt, ...)
{
	struct plugin *p = plugin_of(h);
	struct log_ctx ctx = { .endpoint = device };
	va_list ap;

	if (!log_wanted(&p->log, level))
		return;
	va_start(ap, fmt);
	log_vwrite(&p->log, level, &ctx, p->desc->name, 0, fmt, ap);
	va_end(ap);
}

static bool host_log_wanted(const struct lgw_host *h, enum lgw_log_level level)
{
	return log_wanted(&plugin_of(h)->log, level);
}

/* --- readings ------------------------------------------------------------------------------ */

struct batch {
	struct plugin *plugin;
	lgw_batch_fn done;
	void *ud;
	size_t n;
	struct lgw_reading r[];
};

static size_t text_bytes(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

static bool is_text(const struct lgw_value *v)
{
	return v->type == LGW_TEXT || v->type == LGW_BYTES;
}

static const char *keep(char **at, const void *s, size_t len)
{
	const char *copy = *at;

	if (!s)
		return NULL;
	memcpy(*at, s, len);
	*at += len;
	return copy;
}

/* One allocation for the readings and all their texts. */
static struct batch *batch_copy(const struct lgw_reading *r, size_t n)
{
	size_t bytes = 0;
	struct batch *b;
	char *at;

	for (size_t k = 0; k < n; k++)
		bytes += text_bytes(r[k].device) + text_bytes(r[k].key) + text_bytes(r[k].group) +
			 text_bytes(r[k].map) + (is_text(&r[k].value) ? r[k].value.u.s.len : 0);
	b = xmalloc(sizeof(*b) + n * sizeof(b->r[0]) + bytes);
	b->n = n;
	at = (char *)(b->r + n);
	for (size_t k = 0; k < n; k++) {
		b->r[k] = r[k];
		b->r[k].device = keep(&at, r[k].device, text_bytes(r[k].device));
		b->r[k].key = keep(&at, r[k].key, text_bytes(r[k].key));
		b->r[k].group = keep(&at, r[k].group, text_bytes(r[k].group));
		b->r[k].map = keep(&at, r[k].map, text_bytes(r[k].map));
		if (is_text(&r[k].value))
			b->r[k].value.u.s.p = keep(&at, r[k].value.u.s.p, r[k].value.u.s.len);
	}
	return b;
}

static void batch_arrives(void *ud)
{
	struct batch *b = ud;

	gateway_submit(b->plugin->source, b->r, b->n, b->done, b->ud);
	free(b);
}

static int host_submit(const struct lgw_host *h, const struct lgw_reading *r, size_t n,
	lgw_batch_fn done, void *ud)
{
	struct plugin *p = plugin_of(h);
	struct batch *b = batch_copy(r, n);

	b->plugin = p;
	b->done = done;
	b->ud = ud;
	post_send(p->post, batch_arrives, b);
	return LGW_OK;
}

struct forget {
	struct plugin *plugin;
	uint8_t from;
};

static void forget_arrives(void *ud)
{
	struct forget *f = ud;

	gateway_forget_marks(f->plugin->source, f->from);
	free(f);
}

static int host_forget_marks(const struct lgw_host *h, uint8_t from)
{
	struct plugin *p = plugin_of(h);
	struct forget *f = xcalloc(1, sizeof(*f));

	*f = (struct forget){ p, from };
	post_send(p->post, forget_arrives, f);
	return LGW_OK;
}

/* --- devices and commands ------------------------------------------------------------------ */

struct note {
	struct plugin *plugin;
	char *device;
	bool online;
	struct lgw_device_info info;
	uint64_t id;
	int status;
};

static struct note *note_new(const struct lgw_host *h, const char *device)
{
	struct note *n = xcalloc(1, sizeof(*n));

	n->plugin = plugin_of(h);
	n->device = xstrdup(device);
	return n;
}

static void note_free(struct note *n)
{
	free((char *)(uintptr_t)n->info.name);
	free((char *)(uintptr_t)n->info.manufacturer);
	free((char *)(uintptr_t)n->info.model);
	free((char *)(uintptr_t)n->info.serial);
	free((char *)(uintptr_t)n->info.hardware_version);
	free((char *)(uintptr_t)n->info.firmware_version);
	free(n->device);
	free(n);
}

static int note_send(struct note *n, post_fn fn)
{
	post_send(n->plugin->post, fn, n);
	return LGW_OK;
}

static void online_arrives(void *ud)
{
	struct note *n = ud;

	gateway_device_online(n->plugin->source, n->device, n->online);
	note_free(n);
}

static int host_online(const struct lgw_host *h, const char *device, bool online)
{
	struct note *n = note_new(h, device);

	n->online = online;
	return note_send(n, online_arrives);
}

static void info_arrives(void *ud)
{
	struct note *n = ud;

	gateway_device_info(n->plugin->source, n->device, &n->info);
	note_free(n);
}

static int host_info(
	const struct lgw_host *h, const char *device, const struct lgw_device_info *info)
{
	struct note *n = note_new(h, device);

	n->info = (struct lgw_device_info){
		.name = xstrdup(info->name),
		.manufacturer = xstrdup(info->manufacturer),
		.model = xstrdup(info->model),
		.serial = xstrdup(info->serial),
		.hardware_version = xstrdup(info->hardware_version),
		.firmware_version = xstrdup(info->firmware_version),
	};
	return note_send(n, info_arrives);
}

static void remove_arrives(void *ud)
{
	struct note *n = ud;

	gateway_device_remove(n->plugin->source, n->device);
	note_free(n);
}

static int host_remove(const struct lgw_host *h, const char *device)
{
	return note_send(note_new(h, device), remove_arrives);
}

static void done_arrives(void *ud)
{
	struct note *n = ud;

	gateway_command_done(n->plugin->source, n->id, n->status);
	note_free(n);
}

static int host_command_done(const struct lgw_host *h, uint64_t id, int status)
{
	struct note *n = note_new(h, NULL);

	n->id = id;
	n->status = status;
	return note_send(n, done_arrives);
}

static void firmware_arrives(void *ud)
{
	struct note *n = ud;

	gateway_firmware_done(n->plugin->source, n->device, n->status, n->info.firmware_version);
	note_free(n);
}

static int host_firmware_done(const struct lgw_host *h, const char *device,
	enum lgw_firmware_result result, const char *version)
{
	struct note *n = note_new(h, device);

	n->status = (int)result;
	n->info.firmware_version = xstrdup(version);
	return note_send(n, firmware_arrives);
}

static int host_post(const struct lgw_host *h, lgw_post_fn fn, void *ud)
{
	post_send(plugin_of(h)->post, fn, ud);
	return LGW_OK;
}

/* --- loop ---------------------------------------------------------------------------------- */

struct lgw_timer {
	struct timer timer;
	struct timers *timers;
	lgw_timer_fn fn;
	void *ud;
};

static void timer_fired(struct timer *t, void *ud)
{
	struct lgw_timer *lt = ud;

	(void)t;
	lt->fn(lt->ud);
}

static struct lgw_timer *host_timer_new(const struct lgw_host *h, lgw_timer_fn fn, void *ud)
{
	struct lgw_timer *t = xcalloc(1, sizeof(*t));

	t->timers = loop_timers(plugin_of(h)->all->loop);
	t->fn = fn;
	t->ud = ud;
	timer_init(&t->timer, timer_fired, t);
	return t;
}

static void host_timer_set(struct lgw_timer *t, int64_t delay_ms)
{
	if (delay_ms < 0)
		timer_del(t->timers, &t->timer);
	else
		timer_set(t->timers, &t->timer, timers_now(t->timers) + delay_ms);
}

static void host_timer_free(struct lgw_timer *t)
{
	if (!t)
		return;
	timer_del(t->timers, &t->timer);
	free(t);
}

struct lgw_io {
	struct loop_io *io;
	lgw_io_fn fn;
	void *ud;
};

_Static_assert((int)LGW_IO_READ == (int)LOOP_READ && (int)LGW_IO_WRITE == (int)LOOP_WRITE,
	"the events of plugins are those of the loop");

static void io_ready(void *ud, int fd, unsigned events)
{
	struct lgw_io *io = ud;

	io->fn(io->ud, fd, events);
}

static struct lgw_io *host_io_new(
	const struct lgw_host *h, int fd, unsigned events, lgw_io_fn fn, void *ud)
{
	struct lgw_io *io = xcalloc(1, sizeof(*io));

	io->fn = fn;
	io->ud = ud;
	io->io = loop_io_new(plugin_of(h)->all->loop, fd, events, io_ready, io);
	if (!io->io) {
		free(io);
		return NULL;
	}
	return io;
}

static void host_io_set(struct lgw_io *io, unsigned events)
{
	loop_io_set(io->io, events);
}

static void host_io_free(struct lgw_io *io)
{
	if (!io)
		return;
	loop_io_free(io->io);
	free(io);
}

/* --- time, identity, counters, states ------------------------------------------------------- */

static int64_t host_wall(const struct lgw_host *h)
{
	(void)h;
	return clock_system.wall_ms(NULL);
}

static int64_t host_mono(const struct lgw_host *h)
{
	(void)h;
	return clock_system.mono_ms(NULL);
}

static const char *host_machine_id(const struct lgw_host *h)
{
	return plugin_of(h)->all->machine_id;
}

static void host_count(const struct lgw_host *h, const char *name, int64_t add)
{
	struct plugin *p = plugin_of(h);
	unsigned k = 0;

	pthread_mutex_lock(&p->counters_lock);
	while (k < p->ncounters && strcmp(p->counters[k].name, name))
		k++;
	if (k == p->ncounters && k < COUNTERS_MAX)
		p->counters[p->ncounters++].name = name;
	if (k < p->ncounters)
		p->counters[k].value += add;
	pthread_mutex_unlock(&p->counters_lock);
}

static void part_remove(struct plugin *p, unsigned k)
{
	free(p->parts[k].name);
	free(p->parts[k].text);
	p->nparts--;
	memmove(&p->parts[k], &p->parts[k + 1], (p->nparts - k) * sizeof(*p->parts));
}

static void host_state(const struct lgw_host *h, const char *name, bool ok, const char *text)
{
	struct plugin *p = plugin_of(h);
	size_t len = text ? strlen(text) : 0;
	unsigned k = 0;

	while (k < p->nparts && strcmp(p->parts[k].name, name))
		k++;
	if (!text) {
		if (k < p->nparts)
			part_remove(p, k);
		return;
	}
	if (k == p->nparts) {
		p->parts = xreallocarray(p->parts, p->nparts + 1, sizeof(*p->parts));
		p->parts[p->nparts++] = (struct part){ .name = xstrdup(name) };
	}
	free(p->parts[k].text);
	/* Names of servers and networks may be in it: it goes to the bus, and to terminals. */
	p->parts[k].text = xmalloc(len + 1);
	str_printable(p->parts[k].text, len + 1, text, len);
	p->parts[k].ok = ok;
}

static int host_thread_add(const struct lgw_host *h, const char *name, int64_t max_gap_ms)
{
	struct plugin *p = plugin_of(h);

	for (int k = 0; k < THREADS_MAX; k++) {
		struct beat *b = &p->beats[k];

		if (atomic_load(&b->last_ms))
			continue;
		b->name = xstrdup(name);
		b->max_gap_ms = max_gap_ms;
		atomic_store(&b->last_ms, host_mono(h));
		return k;
	}
	return LGW_ENOMEM;
}

static void host_thread_beat(const struct lgw_host *h, int thread)
{
	if (thread >= 0 && thread < THREADS_MAX)
		atomic_store(&plugin_of(h)->beats[thread].last_ms, host_mono(h));
}

static void host_thread_remove(const struct lgw_host *h, int thread)
{
	struct plugin *p = plugin_of(h);

	if (thread < 0 || thread >= THREADS_MAX)
		return;
	atomic_store(&p->beats[thread].last_ms, 0);
	free(p->beats[thread].name);
	p->beats[thread].name = NULL;
}

/* --- alarms, the carrier -------------------------------------------------------------------- */

static void host_alarm(const struct lgw_host *h, const char *name, const char *text)
{
	gateway_alarm(plugin_of(h)->all->gateway, name, text);
}

static void host_carrier_state(const struct lgw_host *h, const struct lgw_carrier_state *state)
{
	struct plugin *p = plugin_of(h);

	if (p->carrier)
		carrier_state(p->carrier, state);
}

static int host_carrier_recv(
	const struct lgw_host *h, const char *peer, const void *msg, size_t len)
{
	struct plugin *p = plugin_of(h);

	return p->carrier ? carrier_recv(p->carrier, peer, msg, len) : LGW_ENOENT;
}

static void host_cellular(const struct lgw_host *h, const struct lgw_cellular *c)
{
	gateway_self_cellular(plugin_of(h)->all->gateway, c);
}

static int host_cellular_set(const struct lgw_host *h, const struct lgw_setting *s, size_t n)
{
	return gateway_cellular_set(plugin_of(h)->source, s, n);
}

static void host_cellular_remove(const struct lgw_host *h, uint16_t profile)
{
	gateway_cellular_remove(plugin_of(h)->source, profile);
}

static void host_cellular_done(const struct lgw_host *h, uint64_t id, int status)
{
	gateway_cellular_done(plugin_of(h)->source, id, status);
}

static int host_cellular_bearer(const struct lgw_host *h, uint16_t profile, const char *interface)
{
	return gateway_cellular_bearer(plugin_of(h)->source, profile, interface);
}

static int host_keep(const struct lgw_host *h, const char *name, const void *bytes, size_t len)
{
	return gateway_keep(plugin_of(h)->source, name, bytes, len);
}

static int host_kept(const struct lgw_host *h, const char *name, void *buf, size_t size)
{
	return gateway_kept(plugin_of(h)->source, name, buf, size);
}

static void host_messages(const struct lgw_host *h, bool sent, unsigned n)
{
	gateway_self_messages(plugin_of(h)->all->gateway, sent, n);
}

void host_init(struct plugin *p)
{
	p->host = (struct lgw_host){
		.log = host_log,
		.log_wanted = host_log_wanted,
		.submit = host_submit,
		.forget_marks = host_forget_marks,
		.device_online = host_online,
		.device_info = host_info,
		.device_remove = host_remove,
		.command_done = host_command_done,
		.post = host_post,
		.timer_new = host_timer_new,
		.timer_set = host_timer_set,
		.timer_free = host_timer_free,
		.io_new = host_io_new,
		.io_set = host_io_set,
		.io_free = host_io_free,
		.now_wall = host_wall,
		.now_mono = host_mono,
		.machine_id = host_machine_id,
		.count = host_count,
		.state = host_state,
		.thread_add = host_thread_add,
		.thread_beat = host_thread_beat,
		.thread_remove = host_thread_remove,
		.alarm = host_alarm,
		.carrier_state = host_carrier_state,
		.carrier_recv = host_carrier_recv,
		.cellular = host_cellular,
		.cellular_set = host_cellular_set,
		.cellular_remove = host_cellular_remove,
		.cellular_done = host_cellular_done,
		.cellular_bearer = host_cellular_bearer,
		.messages = host_messages,
		.keep = host_keep,
		.kept = host_kept,
		.firmware_done = host_firmware_done,
	};
}
