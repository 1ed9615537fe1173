/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors out of shared objects. They stay loaded: a plugin's code may not vanish under it. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plugin/host.h"
#include "util/mem.h"

static bool name_valid(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n && n <= 64 && !name[n];
}

static const char *fault(const struct lgw_plugin *p, const char *name)
{
	if (!p)
		return "exports no lgw_plugin";
	if (p->abi != LGW_PLUGIN_ABI)
		return "was built for another version of the plugin interface";
	if (!p->name || strcmp(p->name, name))
		return "calls itself by another name";
	if (!p->start || !p->stop || (p->conf_size && !p->options))
		return "has an incomplete descriptor";
	return NULL;
}

const struct lgw_plugin *plugins_load(const char *dir, const char *name, char *text, size_t size)
{
	const struct lgw_plugin *p;
	const char *what;
	char *path;
	void *lib;

	if (!name_valid(name)) {
		snprintf(text, size, "a plugin's name has only a-z, 0-9 and '-'");
		return NULL;
	}
	path = xasprintf("%s/%s.so", dir, name);
	lib = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!lib) {
		snprintf(text, size, "%s", dlerror());
		free(path);
		return NULL;
	}
	p = dlsym(lib, "lgw_plugin");
	what = fault(p, name);
	if (what) {
		snprintf(text, size, "%s %s", path, what);
		p = NULL;
	}
	dlclose(lib);
	free(path);
	return p;
}
