/* SPDX-License-Identifier: BSD-3-Clause */
#include "loop/loop.h"

#include <stdlib.h>
#include <sys/queue.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include "loop/clock.h"
#include "util/err.h"
#include "util/mem.h"

struct signal_watch {
	struct event *ev;
	loop_signal_fn fn;
	void *ud;
	SLIST_ENTRY(signal_watch) next;
};

struct loop {
	struct event_base *base;
	struct event *wake; /* the one libevent timer: our earliest due time */
	int64_t wake_at;    /* what it is armed for, -1: not */
	struct timers *timers;
	SLIST_HEAD(, signal_watch) signals;
};

struct loop_io {
	struct loop *loop;
	loop_io_fn fn;
	void *ud;
	unsigned events;
	struct event ev;
};

static void arm(void *ud)
{
	struct loop *l = ud;
	int64_t next = timers_next(l->timers), delay;
	struct timeval tv;

	if (next == l->wake_at)
		return;
	l->wake_at = next;
	if (next < 0) {
		evtimer_del(l->wake);
		return;
	}
	delay = next - timers_now(l->timers);
	delay = delay < 0 ? 0 : delay > 3600000 ? 3600000 : delay;
	tv.tv_sec = (time_t)(delay / 1000);
	tv.tv_usec = (suseconds_t)(delay % 1000 * 1000);
	evtimer_add(l->wake, &tv);
}

static void woken(evutil_socket_t fd, short what, void *ud)
{
	struct loop *l = ud;

	(void)fd;
	(void)what;
	l->wake_at = -1;
	timers_run(l->timers);
	arm(l);
}

struct loop *loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	struct event_config *cfg = event_config_new();

	/* One thread owns the loop; others come through loop/post. */
	if (!cfg || event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK))
		goto fail;
	l->base = event_base_new_with_config(cfg);
	if (!l->base)
		goto fail;
	event_config_free(cfg);
	l->timers = timers_new(&clock_system, NULL);
	l->wake = evtimer_new(l->base, woken, l);
	l->wake_at = -1;
	timers_on_change(l->timers, arm, l);
	return l;
fail:
	event_config_free(cfg);
	free(l);
	return NULL;
}

void loop_free(struct loop *l)
{
	struct signal_watch *w;

	if (!l)
		return;
	while ((w = SLIST_FIRST(&l->signals))) {
		SLIST_REMOVE_HEAD(&l->signals, next);
		event_free(w->ev);
		free(w);
	}
	timers_on_change(l->timers, NULL, NULL);
	timers_free(l->timers);
	event_free(l->wake);
	event_base_free(l->base);
	free(l);
}

int loop_run(struct loop *l)
{
	timers_update(l->timers);
	return event_base_dispatch(l->base) < 0 ? LGW_EIO : LGW_OK;
}

int loop_turn(struct loop *l, int64_t max_ms)
{
	struct timeval tv = { (time_t)(max_ms / 1000), (suseconds_t)(max_ms % 1000 * 1000) };

	timers_update(l->timers);
	if (max_ms <= 0)
		return event_base_loop(l->base, EVLOOP_NONBLOCK) < 0 ? LGW_EIO : LGW_OK;
	event_base_loopexit(l->base, &tv);
	return event_base_loop(l->base, EVLOOP_ONCE) < 0 ? LGW_EIO : LGW_OK;
}

void loop_stop(struct loop *l)
{
	event_base_loopbreak(l->base);
}

struct timers *loop_timers(struct loop *l)
{
	return l->timers;
}

static void io_ready(evutil_socket_t fd, short what, void *ud)
{
	struct loop_io *io = ud;
	unsigned ev = 0;

	if (what & EV_READ)
		ev |= LOOP_READ;
	if (what & EV_WRITE)
		ev |= LOOP_WRITE;
	timers_update(io->loop->timers);
	io->fn(io->ud, (int)fd, ev);
}

struct loop_io *loop_io_new(struct loop *l, int fd, unsigned events, loop_io_fn fn, void *ud)
{
	struct loop_io *io = xcalloc(1, sizeof(*io));

	io->loop = l;
	io->fn = fn;
	io->ud = ud;
	if (event_assign(&io->ev, l->base, fd, 0, io_ready, io)) {
		free(io);
		return NULL;
	}
	loop_io_set(io, events);
	return io;
}

void loop_io_set(struct loop_io *io, unsigned events)
{
	short what = EV_PERSIST;
	int fd = (int)event_get_fd(&io->ev);

	if (events == io->events)
		return;
	if (io->events)
		event_del(&io->ev);
	io->events = events;
	if (events & LOOP_READ)
		what |= EV_READ;
	if (events & LOOP_WRITE)
		what |= EV_WRITE;
	if (events && !event_assign(&io->ev, io->loop->base, fd, what, io_ready, io))
		event_add(&io->ev, NULL);
}

void loop_io_free(struct loop_io *io)
{
	if (!io)
		return;
	event_del(&io->ev);
	free(io);
}

static void signalled(evutil_socket_t signo, short what, void *ud)
{
	struct signal_watch *w = ud;

	(void)what;
	w->fn(w->ud, (int)signo);
}

int loop_signal(struct loop *l, int signo, loop_signal_fn fn, void *ud)
{
	struct signal_watch *w = xcalloc(1, sizeof(*w));

	w->fn = fn;
	w->ud = ud;
	w->ev = evsignal_new(l->base, signo, signalled, w);
	if (!w->ev || event_add(w->ev, NULL)) {
		if (w->ev)
			event_free(w->ev);
		free(w);
		return LGW_EIO;
	}
	SLIST_INSERT_HEAD(&l->signals, w, next);
	return LGW_OK;
}
