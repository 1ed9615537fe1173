/* SPDX-License-Identifier: BSD-3-Clause */
#include "loop/post.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>
#include "loop/clock.h"
#include "util/mem.h"

#define TURN_US 1000 /* after that long the other letters wait for the next turn */

struct letter {
	post_fn fn;
	void *ud;
	STAILQ_ENTRY(letter) next;
};
STAILQ_HEAD(letters, letter);

struct post {
	int fd;
	struct loop_io *io;
	pthread_mutex_t lock;
	struct letters in;
};

/* Those that are left over come before all that came meanwhile. */
static void put_back(struct post *p, struct letters *rest)
{
	uint64_t one = 1;

	pthread_mutex_lock(&p->lock);
	STAILQ_CONCAT(rest, &p->in);
	STAILQ_CONCAT(&p->in, rest);
	pthread_mutex_unlock(&p->lock);
	if (write(p->fd, &one, sizeof(one)) < 0)
		return; /* readable anyway */
}

static void run(struct post *p, uint64_t until)
{
	struct letters now = STAILQ_HEAD_INITIALIZER(now);
	struct letter *l;

	pthread_mutex_lock(&p->lock);
	STAILQ_CONCAT(&now, &p->in);
	pthread_mutex_unlock(&p->lock);
	while ((l = STAILQ_FIRST(&now))) {
		STAILQ_REMOVE_HEAD(&now, next);
		l->fn(l->ud);
		free(l);
		if (!STAILQ_EMPTY(&now) && clock_monotonic_us() >= until) {
			put_back(p, &now);
			return;
		}
	}
}

void post_flush(struct post *p)
{
	run(p, UINT64_MAX);
}

static void deliver(void *ud, int fd, unsigned events)
{
	struct post *p = ud;
	uint64_t n, until = clock_monotonic_us() + TURN_US;

	(void)events;
	if (read(fd, &n, sizeof(n)) < 0)
		return; /* level-triggered: comes again */
	run(p, until);
}

struct post *post_new(struct loop *l)
{
	struct post *p = xcalloc(1, sizeof(*p));

	STAILQ_INIT(&p->in);
	pthread_mutex_init(&p->lock, NULL);
	p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->fd >= 0)
		p->io = loop_io_new(l, p->fd, LOOP_READ, deliver, p);
	if (!p->io) {
		post_free(p);
		return NULL;
	}
	return p;
}

void post_free(struct post *p)
{
	struct letter *l;

	if (!p)
		return;
	loop_io_free(p->io);
	if (p->fd >= 0)
		close(p->fd);
	while ((l = STAILQ_FIRST(&p->in))) {
		STAILQ_REMOVE_HEAD(&p->in, next);
		free(l);
	}
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void post_send(struct post *p, post_fn fn, void *ud)
{
	struct letter *l = xmalloc(sizeof(*l));
	uint64_t one = 1;
	bool first;

	*l = (struct letter){ .fn = fn, .ud = ud };
	pthread_mutex_lock(&p->lock);
	first = STAILQ_EMPTY(&p->in);
	STAILQ_INSERT_TAIL(&p->in, l, next);
	pthread_mutex_unlock(&p->lock);
	/* A counter near its limit would refuse: then it is readable anyway. */
	if (first && write(p->fd, &one, sizeof(one)) < 0)
		return;
}
