/* SPDX-License-Identifier: BSD-3-Clause */
#include "loop/work.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/queue.h>
#include "loop/post.h"
#include "util/mem.h"

struct work {
	struct workers *owner;
	void (*run)(void *ud);
	void (*done)(void *ud, bool canceled);
	void *ud;
	bool canceled; /* loop's thread only */
	bool waiting;  /* under lock: still in the queue */
	TAILQ_ENTRY(work) next;
};
TAILQ_HEAD(jobs, work);

struct workers {
	struct post *post;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct jobs queue;
	bool stopping;
	struct jobs finished; /* of those whose letter was not delivered any more */
	unsigned n;
	pthread_t threads[];
};

static void deliver(void *ud)
{
	struct work *job = ud;
	struct workers *w = job->owner;

	pthread_mutex_lock(&w->lock);
	TAILQ_REMOVE(&w->finished, job, next);
	pthread_mutex_unlock(&w->lock);
	job->done(job->ud, job->canceled);
	free(job);
}

static void *worker(void *ud)
{
	struct workers *w = ud;
	struct work *job;

	for (;;) {
		pthread_mutex_lock(&w->lock);
		while (!w->stopping && TAILQ_EMPTY(&w->queue))
			pthread_cond_wait(&w->more, &w->lock);
		job = w->stopping ? NULL : TAILQ_FIRST(&w->queue);
		if (job) {
			TAILQ_REMOVE(&w->queue, job, next);
			job->waiting = false;
		}
		pthread_mutex_unlock(&w->lock);
		if (!job)
			return NULL;
		job->run(job->ud);
		pthread_mutex_lock(&w->lock);
		TAILQ_INSERT_TAIL(&w->finished, job, next);
		pthread_mutex_unlock(&w->lock);
		post_send(w->post, deliver, job);
	}
}

struct workers *workers_new(struct loop *l, unsigned threads)
{
	struct workers *w = xcalloc(1, sizeof(*w) + threads * sizeof(w->threads[0]));
	sigset_t all, old;

	TAILQ_INIT(&w->queue);
	TAILQ_INIT(&w->finished);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	w->post = post_new(l);
	/* Signals belong to the loop's thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (w->post && w->n < threads && !pthread_create(&w->threads[w->n], NULL, worker, w))
		w->n++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!w->n) {
		workers_free(w);
		return NULL;
	}
	return w;
}

static void drop(struct jobs *jobs)
{
	struct work *job;

	while ((job = TAILQ_FIRST(jobs))) {
		TAILQ_REMOVE(jobs, job, next);
		job->done(job->ud, true);
		free(job);
	}
}

void workers_free(struct workers *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->n; i++)
		pthread_join(w->threads[i], NULL);
	post_free(w->post);
	drop(&w->queue);
	drop(&w->finished);
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct work *work_start(
	struct workers *w, void (*run)(void *ud), void (*done)(void *ud, bool canceled), void *ud)
{
	struct work *job = xcalloc(1, sizeof(*job));

	*job = (struct work){ .owner = w, .run = run, .done = done, .ud = ud, .waiting = true };
	pthread_mutex_lock(&w->lock);
	TAILQ_INSERT_TAIL(&w->queue, job, next);
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	return job;
}

void work_cancel(struct work *job)
{
	struct workers *w = job->owner;

	job->canceled = true;
	/* One that still waits is finished without having run. */
	pthread_mutex_lock(&w->lock);
	if (job->waiting) {
		TAILQ_REMOVE(&w->queue, job, next);
		job->waiting = false;
		TAILQ_INSERT_TAIL(&w->finished, job, next);
		pthread_mutex_unlock(&w->lock);
		post_send(w->post, deliver, job);
		return;
	}
	pthread_mutex_unlock(&w->lock);
}
