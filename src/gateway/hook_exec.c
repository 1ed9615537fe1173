/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "gateway/hook.h"
#include "loop/loop.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("gateway");

struct hook_exec {
	struct loop *loop;
	const char *dir;
	LIST_HEAD(, hook_job) jobs;
};

/* One program that runs. Forgotten ones stay until they end: somebody has to wait for them. */
struct hook_job {
	LIST_ENTRY(hook_job) next;
	struct loop *loop;
	hook_done_fn done; /* NULL: forgotten */
	void *ud;
	pid_t pid;
	int pidfd, out;
	struct loop_io *pid_io, *out_io;
	struct timer timer;
	bool late;
	int status; /* of a start that failed */
	size_t len;
	char output[HOOK_OUTPUT_MAX + 1];
};

bool hook_name_valid(const char *name)
{
	return *name && strlen(name) <= 64 &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
		       strlen(name);
}

/* What is over the limit is read and passed over: the program must not wait for us. */
static ssize_t read_some(struct hook_job *j)
{
	char rest[512];
	size_t room = HOOK_OUTPUT_MAX - j->len;
	ssize_t n = read(j->out, room ? j->output + j->len : rest, room ? room : sizeof(rest));

	if (n > 0 && room)
		j->len += (size_t)n;
	return n;
}

static void job_free(struct hook_job *j)
{
	LIST_REMOVE(j, next);
	loop_io_free(j->pid_io);
	loop_io_free(j->out_io);
	timer_del(loop_timers(j->loop), &j->timer);
	if (j->pidfd >= 0)
		close(j->pidfd);
	if (j->out >= 0)
		close(j->out);
	free(j);
}

static void end(struct hook_job *j, int status)
{
	j->output[j->len] = '\0';
	if (j->done)
		j->done(j->ud, status, j->output);
	job_free(j);
}

static void on_ended(void *ud, int fd, unsigned events)
{
	struct hook_job *j = ud;
	int status = 0;

	(void)fd, (void)events;
	if (waitpid(j->pid, &status, WNOHANG) != j->pid)
		return;
	while (read_some(j) > 0) /* what is in the pipe; its children may keep it open */
		;
	if (j->late)
		end(j, LGW_ETIMEDOUT);
	else
		end(j, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void on_output(void *ud, int fd, unsigned events)
{
	struct hook_job *j = ud;

	ssize_t n = read_some(j);

	(void)fd, (void)events;
	if (n > 0 || (n < 0 && errno == EAGAIN))
		return;
	loop_io_free(j->out_io);
	j->out_io = NULL;
}

static void on_time(struct timer *t, void *ud)
{
	struct hook_job *j = ud;

	(void)t;
	if (j->status) {
		end(j, j->status);
		return;
	}
	j->late = true;
	kill(-j->pid, SIGKILL); /* its group: then on_ended */
}

/* Its own group, no signal blocked or ignored, nothing open but the pipe. */
static int spawn(struct hook_job *j, const char *path, const struct hook_request *r, int out)
{
	char *argv[] = { (char *)(uintptr_t)path, (char *)(uintptr_t)r->verb, NULL };
	char *envp[HOOK_VARS_MAX + 2] = { (
		char *)(uintptr_t) "PATH=/usr/sbin:/usr/bin:/sbin:/bin" };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int e;

	memcpy(envp + 1, r->vars, r->nvars * sizeof(*envp));
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	e = posix_spawn(&j->pid, path, &files, &attr, argv, envp);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return e;
}

static int start(struct hook_job *j, const char *path, const struct hook_request *r)
{
	int p[2], e;

	if (pipe2(p, O_CLOEXEC))
		return LGW_EIO;
	j->out = p[0];
	fcntl(j->out, F_SETFL, O_NONBLOCK);
	e = spawn(j, path, r, p[1]);
	close(p[1]);
	if (e) {
		errno = e;
		log_err(NULL, "hook %s: %m", path);
		j->pid = -1;
		return LGW_EIO;
	}
	j->pidfd = (int)syscall(SYS_pidfd_open, j->pid, 0);
	if (j->pidfd < 0) {
		log_err(NULL, "hook %s: %m", path);
		return LGW_EIO;
	}
	j->pid_io = loop_io_new(j->loop, j->pidfd, LOOP_READ, on_ended, j);
	j->out_io = loop_io_new(j->loop, j->out, LOOP_READ, on_output, j);
	return LGW_OK;
}

static struct hook_job *run(
	void *ud, const struct hook_request *r, hook_done_fn done, void *done_ud)
{
	struct hook_exec *x = ud;
	struct timers *ts = loop_timers(x->loop);
	struct hook_job *j = xcalloc(1, sizeof(*j));
	char *path = xasprintf("%s/%s", x->dir, r->program);

	LIST_INSERT_HEAD(&x->jobs, j, next);
	j->loop = x->loop;
	j->done = done;
	j->ud = done_ud;
	j->pid = j->pidfd = j->out = -1;
	timer_init(&j->timer, on_time, j);
	j->status = hook_name_valid(r->program) ? start(j, path, r) : LGW_EINVAL;
	timer_set(ts, &j->timer, timers_now(ts) + (j->status ? 0 : r->timeout_ms));
	free(path);
	return j;
}

static void forget(struct hook_job *j)
{
	if (j)
		j->done = NULL;
}

const struct hook_ops hook_ops_exec = { run, forget };

struct hook_exec *hook_exec_new(struct loop *loop, const char *dir)
{
	struct hook_exec *x = xcalloc(1, sizeof(*x));

	x->loop = loop;
	x->dir = dir;
	return x;
}

void hook_exec_free(struct hook_exec *x)
{
	struct hook_job *j;

	while (x && (j = LIST_FIRST(&x->jobs)))
		job_free(j);
	free(x);
}
