/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "util/mem.h"
#include "util/str.h"

#define SECRET_MAX 4096

static char *from_file(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	char buf[SECRET_MAX], *s = NULL;
	size_t len;

	if (!f) {
		snprintf(text, size, "%s: %m", path);
		return NULL;
	}
	len = fread(buf, 1, sizeof(buf), f);
	if (ferror(f) || len == sizeof(buf)) {
		snprintf(text, size, "%s: %s", path, ferror(f) ? "cannot be read" : "too long");
	} else {
		buf[len] = '\0';
		buf[strcspn(buf, "\r\n")] = '\0';
		s = xstrdup(buf);
	}
	mem_wipe(buf, sizeof(buf));
	fclose(f);
	return s;
}

static char *from_credential(const char *name, char *text, size_t size)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char *path, *s;

	if (!dir || strchr(name, '/')) {
		snprintf(text, size,
			dir ? "credential names have no '/'"
			    : "no credentials: the daemon was not started with LoadCredential=");
		return NULL;
	}
	path = xasprintf("%s/%s", dir, name);
	s = from_file(path, text, size);
	free(path);
	return s;
}

bool secret_of_service(const char *ref)
{
	return ref && (str_starts(ref, "credential:") || str_starts(ref, "env:"));
}

char *secret_resolve(const char *ref, char *text, size_t size)
{
	const char *value;

	if (str_starts(ref, "file:"))
		return from_file(ref + strlen("file:"), text, size);
	if (str_starts(ref, "credential:"))
		return from_credential(ref + strlen("credential:"), text, size);
	if (str_starts(ref, "env:")) {
		value = getenv(ref + strlen("env:"));
		if (!value)
			snprintf(text, size, "environment variable %s is not set",
				ref + strlen("env:"));
		return xstrdup(value);
	}
	return xstrdup(ref);
}
