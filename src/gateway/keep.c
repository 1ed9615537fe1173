/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "util/err.h"
#include "util/hex.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/wr.h"

#define NAME_BYTES_MAX 150 /* of the 255 that file systems and names of units take */

/* The name of a new file is only durable once its folder is. */
static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 || fsync(fd) ? LGW_EIO : LGW_OK;

	if (fd >= 0)
		close(fd);
	return r;
}

static int write_all(const char *path, const void *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), r = LGW_OK;

	if (fd < 0)
		return LGW_EIO;
	if (write(fd, p, len) != (ssize_t)len || fsync(fd))
		r = LGW_EIO;
	close(fd);
	return r;
}

int keep_write(const char *dir, const char *name, const void *p, size_t len)
{
	char *path = xasprintf("%s/%s", dir, name), *part = xasprintf("%s.part", path);
	int r = write_all(part, p, len);

	if (!r && rename(part, path))
		r = LGW_EIO;
	if (!r)
		r = sync_dir(dir);
	free(part);
	free(path);
	return r;
}

int keep_read(const char *dir, const char *name, void *buf, size_t cap)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char more;
	ssize_t n;
	int r;

	free(path);
	if (fd < 0)
		return errno == ENOENT ? LGW_ENOENT : LGW_EIO;
	n = read(fd, buf, cap);
	r = n < 0 ? LGW_EIO : n == (ssize_t)cap && read(fd, &more, 1) == 1 ? LGW_ETOOBIG : (int)n;
	close(fd);
	return r;
}

int keep_dir(const char *dir)
{
	char *path = xstrdup(dir);
	int r = LGW_OK;

	for (char *slash = strchr(path + 1, '/'); !r; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			r = LGW_EIO;
		if (!slash)
			break;
		*slash = '/';
	}
	free(path);
	return r;
}

void keep_put_text(struct wr *w, const char *s)
{
	wr_u8(w, (uint8_t)strlen(s));
	wr_str(w, s);
}

void keep_get_text(struct rd *r, char out[KEEP_TEXT_MAX + 1])
{
	size_t len = rd_u8(r);
	const uint8_t *p = rd_bytes(r, len);

	if (!p && len)
		return;
	if (len && memchr(p, '\0', len))
		rd_fail(r, LGW_EINVAL);
	if (len)
		memcpy(out, p, len);
	out[len] = '\0';
}

/* FNV-1a: tells long names apart that begin alike. */
static uint64_t fnv(const char *text)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3u;
	return h;
}

char *keep_name(const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-_:";
	char *name = xmalloc(3 * strlen(text) + 1), *at = name, *cut;

	for (const char *p = text; *p; p++) {
		if (strchr(plain, *p) || (*p == '.' && p > text)) {
			*at++ = *p;
			continue;
		}
		*at = '%';
		hex_encode(at + 1, p, 1);
		at += 3;
	}
	*at = '\0';
	if (at - name <= NAME_BYTES_MAX)
		return name;
	cut = xasprintf("%.*s%%%016llx", NAME_BYTES_MAX - 17, name, (unsigned long long)fnv(text));
	free(name);
	return cut;
}
