/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/linger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "util/mem.h"

struct lingering {
	LIST_ENTRY(lingering) next;
	struct link_env *env;
	struct loop_io *io;
	struct timer timer;
	struct wr rest;
	size_t sent;
	int fd;
};

static void end(struct lingering *l)
{
	timer_del(loop_timers(l->env->loop), &l->timer);
	loop_io_free(l->io);
	close(l->fd);
	wr_fini(&l->rest);
	LIST_REMOVE(l, next);
	l->env->nlingering--;
	free(l);
}

static void ready(void *ud, int fd, unsigned events)
{
	struct lingering *l = ud;
	uint8_t heard[4096];
	ssize_t n = 1;

	/* What the peer says is thrown away; left unread it would break the connection off. */
	if (events & LOOP_READ)
		n = recv(fd, heard, sizeof(heard), MSG_DONTWAIT);
	if (n > 0 && events & LOOP_WRITE) {
		n = send(fd, l->rest.p + l->sent, l->rest.len - l->sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		l->sent += n > 0 ? (size_t)n : 0;
		if (l->sent == l->rest.len) { /* now the peer may close */
			shutdown(fd, SHUT_WR);
			loop_io_set(l->io, LOOP_READ);
		}
	}
	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
		end(l);
}

static void too_late(struct timer *t, void *ud)
{
	(void)t;
	end(ud);
}

void linger(struct link_env *env, int fd, struct wr *rest)
{
	struct timers *timers = loop_timers(env->loop);
	struct lingering *l;

	if (!rest->len || env->nlingering == LINGER_MAX) {
		close(fd);
		wr_fini(rest);
		return;
	}
	l = xcalloc(1, sizeof(*l));
	l->env = env;
	l->fd = fd;
	l->rest = *rest;
	*rest = (struct wr){ .p = NULL };
	LIST_INSERT_HEAD(&env->lingering, l, next);
	env->nlingering++;
	timer_init(&l->timer, too_late, l);
	timer_set(timers, &l->timer, timers_now(timers) + LINGER_MS);
	l->io = loop_io_new(env->loop, fd, LOOP_READ | LOOP_WRITE, ready, l);
	if (!l->io)
		end(l);
}

void linger_end(struct link_env *env)
{
	struct lingering *l;

	while ((l = LIST_FIRST(&env->lingering)))
		end(l);
}
