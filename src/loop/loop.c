/* SPDX-License-Identifier: BSD-3-Clause */
#include "loop/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <unistd.h>
#include <event2/event.h>
#include "loop/clock.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/pool.h"

#define READY_MAX 64 /* descriptors in one turn; the others come in the next one */

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
	/* All descriptors are in a set of our own, which libevent watches as one: an event of its
	 * own for each socket of ten thousand clients takes 170 bytes more. */
	int epoll;
	struct event *io;
	struct pool ios;
	struct epoll_event ready[READY_MAX];
	int nready, at; /* of ready: how many, and which one comes next */
};

struct loop_io {
	struct loop *loop;
	loop_io_fn fn;
	void *ud;
	int fd;
	unsigned events;
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

static void dispatch(struct loop_io *io, uint32_t what)
{
	unsigned ev = 0;

	/* Who watches either way is told of a hang-up or an error, and sees it when it tries. */
	if (what & (EPOLLERR | EPOLLHUP))
		ev = LOOP_READ | LOOP_WRITE;
	if (what & EPOLLIN)
		ev |= LOOP_READ;
	if (what & EPOLLOUT)
		ev |= LOOP_WRITE;
	ev &= io->events;
	if (ev)
		io->fn(io->ud, io->fd, ev);
}

static void io_ready(evutil_socket_t fd, short what, void *ud)
{
	struct loop *l = ud;

	(void)what;
	timers_update(l->timers);
	l->nready = epoll_wait(fd, l->ready, READY_MAX, 0);
	for (l->at = 0; l->at < l->nready;) {
		const struct epoll_event *e = &l->ready[l->at++];

		if (e->data.ptr)
			dispatch(e->data.ptr, e->events);
	}
	l->nready = 0;
}

struct loop *loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	struct event_config *cfg = event_config_new();

	l->timers = timers_new(&clock_system, NULL);
	pool_init(&l->ios, sizeof(struct loop_io), 0);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	/* One thread owns the loop; others come through loop/post. */
	if (l->epoll < 0 || !cfg || event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK))
		goto fail;
	l->base = event_base_new_with_config(cfg);
	if (!l->base)
		goto fail;
	l->io = event_new(l->base, l->epoll, EV_READ | EV_PERSIST, io_ready, l);
	if (!l->io || event_add(l->io, NULL))
		goto fail;
	event_config_free(cfg);
	l->wake = evtimer_new(l->base, woken, l);
	l->wake_at = -1;
	timers_on_change(l->timers, arm, l);
	return l;
fail:
	if (cfg)
		event_config_free(cfg);
	loop_free(l);
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
	if (l->wake)
		event_free(l->wake);
	if (l->io)
		event_free(l->io);
	if (l->base)
		event_base_free(l->base);
	if (l->epoll >= 0)
		close(l->epoll);
	pool_fini(&l->ios);
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

/* --- descriptors ------------------------------------------------------------------------- */

static int watch(struct loop_io *io, unsigned events)
{
	struct epoll_event e = { .data.ptr = io };
	int how = !io->events ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	if (events == io->events)
		return LGW_OK;
	if (events & LOOP_READ)
		e.events |= EPOLLIN;
	if (events & LOOP_WRITE)
		e.events |= EPOLLOUT;
	io->events = events;
	if (!epoll_ctl(io->loop->epoll, how, io->fd, &e))
		return LGW_OK;
	if (how == EPOLL_CTL_ADD)
		io->events = 0;
	return err_from_errno(errno);
}

struct loop_io *loop_io_new(struct loop *l, int fd, unsigned events, loop_io_fn fn, void *ud)
{
	struct loop_io *io = pool_get(&l->ios);

	*io = (struct loop_io){ .loop = l, .fn = fn, .ud = ud, .fd = fd };
	if (watch(io, events)) {
		pool_put(&l->ios, io);
		return NULL;
	}
	return io;
}

void loop_io_set(struct loop_io *io, unsigned events)
{
	watch(io, events);
}

void loop_io_free(struct loop_io *io)
{
	struct loop *l;

	if (!io)
		return;
	l = io->loop;
	watch(io, 0);
	/* It may be among those whose turn comes next. */
	for (int k = l->at; k < l->nready; k++)
		if (l->ready[k].data.ptr == io)
			l->ready[k].data.ptr = NULL;
	pool_put(&l->ios, io);
}

/* --- signals ----------------------------------------------------------------------------- */

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
