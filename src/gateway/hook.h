/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs of the administrator that do what the daemon may not do itself. What runs them is given
 * by the daemon: the manager of the system, or for tests and small systems the daemon as it is.
 */
#ifndef GATEWAY_HOOK_H
#define GATEWAY_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOOK_VARS_MAX   16
#define HOOK_OUTPUT_MAX 4096 /* bytes that are looked at */

struct hook_request {
	const char *program; /* name in the folder of hooks: letters, digits, '-', '_' */
	const char *verb;    /* its one argument: "check", "install" … */
	const char *job;     /* the same for what must not run twice at a time; a file name */
	/* Its environment: "LGW_IMAGE=/…", control characters replaced; nvars of them. */
	char *vars[HOOK_VARS_MAX];
	size_t nvars;
	int64_t timeout_ms;
};

struct hook_job;
/* The end, once, from the loop: exit status, or a negative status (LGW_ETIMEDOUT, LGW_EIO). output:
 * what it wrote to standard output, a loan. */
typedef void (*hook_done_fn)(void *ud, int status, const char *output);

struct hook_ops {
	/* Never ends from within. What r says is copied. */
	struct hook_job *(*run)(
		void *ud, const struct hook_request *r, hook_done_fn done, void *done_ud);
	/* Nobody wants to know how it ends; it goes on. Takes NULL. */
	void (*forget)(struct hook_job *job);
};

/* Can this be a hook's name? */
bool hook_name_valid(const char *name);

struct loop;
struct hook_exec;
/* A child process of ours, as whoever we are. dir: where the programs are; borrowed. */
extern const struct hook_ops hook_ops_exec;
struct hook_exec *hook_exec_new(struct loop *loop, const char *dir);
void hook_exec_free(struct hook_exec *x); /* what runs goes on, untold; takes NULL */

#endif
