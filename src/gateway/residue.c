/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/residue.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gateway/keep.h"
#include "gateway/software.h"
#include "gateway/state.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/str.h"

LOG_MODULE("firmware");

#define DAY_MS 86400000

char *residue_dir(const struct device *d)
{
	char *name = keep_name(client_endpoint(d->client));
	char *dir = xasprintf("%s/%s", d->gateway->params->firmware.directory, name);

	free(name);
	return dir;
}

/* A state begins with "LGF" or "LGS". */
static bool is_state(const char *dir)
{
	char head[3];
	char *path = xasprintf("%s/state", dir);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool ours = fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head) &&
		    !memcmp(head, "LG", 2) && (head[2] == 'F' || head[2] == 'S');

	if (fd >= 0)
		close(fd);
	free(path);
	return ours;
}

static void remove_files(const char *dir)
{
	static const char *const names[] = { "image", "tag", "tag.part", "installed",
		"installed.part", "absent", "absent.part", "state.part", "state" };

	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		char *path = xasprintf("%s/%s", dir, names[k]);

		unlink(path);
		free(path);
	}
	rmdir(dir);
}

void residue_remove(const char *dir)
{
	DIR *all = opendir(dir);
	const struct dirent *e;
	bool ours = is_state(dir);

	while (all && (e = readdir(all)))
		if (str_starts(e->d_name, SW_FOLDER)) {
			char *below = xasprintf("%s/%s", dir, e->d_name);

			if (is_state(below)) {
				ours = true;
				remove_files(below);
			}
			free(below);
		}
	if (all)
		closedir(all);
	if (!ours)
		return;
	remove_files(dir);
	log_notice(NULL, "%s: removed, its device is gone", dir);
}

/* --- once a day ---------------------------------------------------------------------------- */

/* Age counts from when the device was there last. */
static void touch(const struct device *d)
{
	int64_t now = timers_wall(d->gateway->env->timers);
	const struct timespec t = { .tv_sec = now / 1000 };
	char *dir;

	if (!d->fw && !d->sw)
		return;
	dir = residue_dir(d);
	utimensat(AT_FDCWD, dir, (const struct timespec[]){ t, t }, 0);
	free(dir);
}

static bool is_old(const struct gateway *g, const char *dir)
{
	int64_t now = timers_wall(g->env->timers);
	struct stat st;

	return !lstat(dir, &st) && S_ISDIR(st.st_mode) &&
	       now - (int64_t)st.st_mtim.tv_sec * 1000 > g->params->firmware.keep_for_ms;
}

static void sweep(struct gateway *g)
{
	const char *directory = g->params->firmware.directory;
	DIR *all = opendir(directory);
	const struct dirent *e;

	while (all && (e = readdir(all)))
		if (*e->d_name != '.') {
			char *dir = xasprintf("%s/%s", directory, e->d_name);

			if (is_old(g, dir))
				residue_remove(dir);
			free(dir);
		}
	if (all)
		closedir(all);
}

static void due(struct timer *t, void *ud)
{
	struct gateway *g = ud;
	struct device *d;
	size_t it = 0;

	timer_set(g->env->timers, t, timers_now(g->env->timers) + DAY_MS);
	while ((d = gateway_next(g, &it))) {
		device_renew(d);
		touch(d);
	}
	if (g->params->firmware.directory && g->params->firmware.keep_for_ms)
		sweep(g);
}

void residue_begin(struct gateway *g)
{
	timer_init(&g->residue_timer, due, g);
	/* Not at once: devices of plugins are not there yet. */
	timer_set(g->env->timers, &g->residue_timer, timers_now(g->env->timers) + DAY_MS);
}

void residue_end(struct gateway *g)
{
	timer_del(g->env->timers, &g->residue_timer);
}
