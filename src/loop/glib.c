/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GLib wants to own the poll. We play its phases (prepare, query, check, dispatch) from our loop:
 * its descriptors are watched by us, its timeout is one of our timers.
 */
#include "loop/glib.h"

#include <glib.h>
#include <stdlib.h>
#include "util/mem.h"

struct watch {
	struct loop_io *io;
	struct loop_glib *owner;
	GPollFD fd;
	bool seen;
};

struct loop_glib {
	struct loop *loop;
	GMainContext *ctx;
	struct timer timer;
	struct watch *watches[64];
	unsigned n;
	GPollFD fds[64];
	gint nfds, priority;
	bool running;
};

static void turn(struct loop_glib *g);

static void fired(struct timer *t, void *ud)
{
	(void)t;
	turn(ud);
}

static void ready(void *ud, int fd, unsigned events)
{
	struct watch *w = ud;

	(void)fd;
	(void)events;
	turn(w->owner);
}

static struct watch *watch_find(struct loop_glib *g, int fd)
{
	for (unsigned i = 0; i < g->n; i++)
		if (g->watches[i]->fd.fd == fd)
			return g->watches[i];
	return NULL;
}

static void watch_want(struct loop_glib *g, const GPollFD *p)
{
	unsigned ev = 0;
	struct watch *w = watch_find(g, p->fd);

	if (p->events & (G_IO_IN | G_IO_PRI | G_IO_HUP | G_IO_ERR))
		ev |= LOOP_READ;
	if (p->events & G_IO_OUT)
		ev |= LOOP_WRITE;
	if (!w) {
		if (g->n == ARRAY_SIZE(g->watches))
			return;
		w = xcalloc(1, sizeof(*w));
		w->owner = g;
		w->fd.fd = p->fd;
		w->io = loop_io_new(g->loop, p->fd, ev, ready, w);
		g->watches[g->n++] = w;
	} else if (w->seen) {
		ev |= (w->fd.events & G_IO_OUT ? (unsigned)LOOP_WRITE : 0u) |
		      (w->fd.events & G_IO_IN ? (unsigned)LOOP_READ : 0u);
	}
	w->seen = true;
	w->fd.events = p->events;
	if (w->io)
		loop_io_set(w->io, ev);
}

static void watch_drop(struct loop_glib *g, bool all)
{
	for (unsigned i = 0; i < g->n;) {
		struct watch *w = g->watches[i];

		if (w->seen && !all) {
			w->seen = false;
			i++;
			continue;
		}
		loop_io_free(w->io);
		free(w);
		g->watches[i] = g->watches[--g->n];
	}
}

/* Ask GLib what to wait for, and wait for it. */
static void wait_for(struct loop_glib *g)
{
	gint timeout = -1;
	struct timers *ts = loop_timers(g->loop);

	g_main_context_prepare(g->ctx, &g->priority);
	g->nfds = g_main_context_query(
		g->ctx, g->priority, &timeout, g->fds, (gint)ARRAY_SIZE(g->fds));
	if (g->nfds > (gint)ARRAY_SIZE(g->fds))
		g->nfds = (gint)ARRAY_SIZE(g->fds);
	for (gint i = 0; i < g->nfds; i++)
		watch_want(g, &g->fds[i]);
	watch_drop(g, false);
	if (timeout < 0)
		timer_del(ts, &g->timer);
	else
		timer_set(ts, &g->timer, timers_now(ts) + timeout);
}

static void turn(struct loop_glib *g)
{
	if (g->running)
		return;
	g->running = true;
	/* What is ready is asked of the kernel at once, without waiting: the descriptors told us
	 * only that there is something. */
	g_poll(g->fds, (guint)g->nfds, 0);
	if (g_main_context_check(g->ctx, g->priority, g->fds, g->nfds))
		g_main_context_dispatch(g->ctx);
	wait_for(g);
	g->running = false;
}

static void first(struct timer *t, void *ud)
{
	struct loop_glib *g = ud;

	t->fn = fired;
	wait_for(g);
}

struct loop_glib *loop_glib_new(struct loop *l)
{
	struct loop_glib *g = xcalloc(1, sizeof(*g));

	g->loop = l;
	g->ctx = g_main_context_default();
	if (!g_main_context_acquire(g->ctx)) {
		free(g);
		return NULL;
	}
	timer_init(&g->timer, first, g);
	timer_set(loop_timers(l), &g->timer, timers_now(loop_timers(l)));
	return g;
}

void loop_glib_free(struct loop_glib *g)
{
	if (!g)
		return;
	watch_drop(g, true);
	timer_del(loop_timers(g->loop), &g->timer);
	g_main_context_release(g->ctx);
	free(g);
}
