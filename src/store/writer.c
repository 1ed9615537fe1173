/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/writer.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "loop/clock.h"
#include "loop/post.h"
#include "util/err.h"
#include "util/mem.h"

#define RETRY_S 1

struct writer {
	const struct back_ops *ops;
	struct back *back;
	const struct writer_hooks *hooks;
	void *ud;
	struct post *post;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct changes waiting; /* under the lock */
	bool ending;            /* under the lock */
	bool bad;               /* of the thread */
};

/* A letter to the loop. */
struct report {
	struct writer *writer;
	struct changes list;
	int status;
	bool state, ok, renewed;
	char why[160];
};

static void arrives(void *ud)
{
	struct report *r = ud;
	struct writer *w = r->writer;

	if (r->state)
		w->hooks->state(w->ud, r->ok, r->renewed, r->why);
	else
		w->hooks->done(w->ud, &r->list, r->status);
	free(r);
}

static void tell_state(struct writer *w, bool ok, bool renewed)
{
	struct report *r = xcalloc(1, sizeof(*r));

	r->writer = w;
	r->state = true;
	r->ok = ok;
	r->renewed = renewed;
	snprintf(r->why, sizeof(r->why), "%s", ok ? "" : w->ops->why(w->back));
	post_send(w->post, arrives, r);
}

static void tell_done(struct writer *w, struct changes *list, int status)
{
	struct report *r = xcalloc(1, sizeof(*r));

	r->writer = w;
	r->status = status;
	TAILQ_INIT(&r->list);
	TAILQ_CONCAT(&r->list, list, next);
	post_send(w->post, arrives, r);
}

static int apply_all(struct writer *w, const struct changes *list)
{
	const struct change *c;
	int r = w->ops->begin(w->back);

	TAILQ_FOREACH(c, list, next) {
		if (!r && !c->void_ && c->kind != CHANGE_BARRIER)
			r = w->ops->apply(w->back, c);
	}
	return r ? r : w->ops->commit(w->back);
}

/* One transaction; not LGW_OK: nothing of it has happened. */
static int settle(struct writer *w, struct changes *list)
{
	int r = apply_all(w, list);

	if (!r) {
		if (w->bad)
			tell_state(w, true, false);
		w->bad = false;
		tell_done(w, list, LGW_OK);
		return LGW_OK;
	}
	if (!w->bad || r == LGW_EINVAL)
		tell_state(w, false, r == LGW_EINVAL);
	w->ops->rollback(w->back); /* and why() says no more */
	w->bad = true;
	if (r == LGW_EINVAL)
		w->ops->renew(w->back);
	return r;
}

/* With the lock held. */
static void take(struct writer *w, struct changes *list)
{
	struct change *c;

	TAILQ_FOREACH(c, &w->waiting, next)
		c->taken = true;
	TAILQ_CONCAT(list, &w->waiting, next);
}

/* For the next attempt; what nobody wants by then need not wait for it. */
static void put_back(struct writer *w, struct changes *list)
{
	struct changes gone = TAILQ_HEAD_INITIALIZER(gone);
	struct change *c, *next;

	pthread_mutex_lock(&w->lock);
	TAILQ_CONCAT(list, &w->waiting, next);
	for (c = TAILQ_FIRST(list); c; c = next) {
		next = TAILQ_NEXT(c, next);
		c->taken = false;
		if (!c->void_)
			continue;
		TAILQ_REMOVE(list, c, next);
		TAILQ_INSERT_TAIL(&gone, c, next);
	}
	TAILQ_CONCAT(&w->waiting, list, next);
	pthread_mutex_unlock(&w->lock);
	if (!TAILQ_EMPTY(&gone))
		tell_done(w, &gone, LGW_OK);
}

static void wait_for_work(struct writer *w, bool failed)
{
	struct timespec t;

	if (!failed) {
		while (TAILQ_EMPTY(&w->waiting) && !w->ending)
			pthread_cond_wait(&w->wake, &w->lock);
		return;
	}
	t.tv_sec = (time_t)(clock_monotonic_us() / 1000000) + RETRY_S;
	t.tv_nsec = 0;
	while (!w->ending && pthread_cond_timedwait(&w->wake, &w->lock, &t) != ETIMEDOUT)
		;
}

static void *run(void *ud)
{
	struct writer *w = ud;
	struct changes list = TAILQ_HEAD_INITIALIZER(list);
	bool failed = false, last;

	do {
		pthread_mutex_lock(&w->lock);
		wait_for_work(w, failed);
		last = w->ending;
		take(w, &list);
		pthread_mutex_unlock(&w->lock);
		failed = !TAILQ_EMPTY(&list) && settle(w, &list);
		if (failed && !last)
			put_back(w, &list);
	} while (!last);
	if (failed)
		tell_done(w, &list, LGW_ECANCELED);
	return NULL;
}

struct writer *writer_new(struct loop *l, const struct back_ops *ops, struct back *b,
	const struct writer_hooks *hooks, void *ud)
{
	struct writer *w = xcalloc(1, sizeof(*w));
	pthread_condattr_t attr;

	w->ops = ops;
	w->back = b;
	w->hooks = hooks;
	w->ud = ud;
	TAILQ_INIT(&w->waiting);
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
	w->post = post_new(l);
	if (w->post && !pthread_create(&w->thread, NULL, run, w))
		return w;
	post_free(w->post);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return NULL;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	post_flush(w->post);
	post_free(w->post);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void writer_push(struct writer *w, struct changes *list)
{
	pthread_mutex_lock(&w->lock);
	TAILQ_CONCAT(&w->waiting, list, next);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

bool writer_void(struct writer *w, struct change *c)
{
	bool free_;

	pthread_mutex_lock(&w->lock);
	free_ = !c->taken;
	if (free_) /* else the writer may just be reading it */
		c->void_ = true;
	pthread_mutex_unlock(&w->lock);
	return free_;
}
