/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/absent.h"

#include <stdlib.h>
#include <string.h>
#include "gateway/keep.h"
#include "gateway/residue.h"
#include "gateway/state.h"
#include "lwm2m/clients.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/str.h"

LOG_MODULE("firmware");

struct absent {
	size_t n;
	struct path p[ABSENT_MAX];
};

#define FILE_MAX (ABSENT_MAX * PATH_TEXT_MAX)

/* What the client has of its own accord, whatever the device is. */
static bool is_own(uint16_t oid)
{
	static const uint8_t own[] = { 0, 1, 2, 3, 5, 7, 9, 14, 16, 19, 21 };

	return oid < 256 && memchr(own, oid, sizeof(own));
}

static int parse(struct path *p, const char *text, size_t len)
{
	int r = path_parse(p, text, len);

	return !r && (p->n < 1 || p->n > 2 || is_own(p->id[0])) ? LGW_EINVAL : r;
}

static void save(const struct device *d)
{
	char *dir = residue_dir(d), text[FILE_MAX], path[PATH_TEXT_MAX];
	struct wr w = wr_of(text, sizeof(text));

	for (size_t k = 0; k < d->absent->n; k++) {
		wr_str(&w, path_text(path, &d->absent->p[k]));
		wr_u8(&w, '\n');
	}
	if (keep_dir(dir) || keep_write(dir, "absent", text, w.len))
		log_err((&(struct log_ctx){ .endpoint = client_endpoint(d->client) }),
			"%s/absent: %m", dir);
	free(dir);
}

static bool add(struct device *d, const struct path *p)
{
	if (absent_is(d, p))
		return true;
	if (!d->absent)
		d->absent = xcalloc(1, sizeof(*d->absent));
	if (d->absent->n == ABSENT_MAX)
		return false;
	d->absent->p[d->absent->n++] = *p;
	return true;
}

void absent_told(struct device *d, const char *text)
{
	struct log_ctx ctx = { .endpoint = client_endpoint(d->client) };
	struct dm *dm = client_dm(d->client);
	char plain[2 * PATH_TEXT_MAX];
	struct path p;

	if (!d->source || parse(&p, text, strlen(text)) || !add(d, &p)) {
		str_printable(plain, sizeof(plain), text, strlen(text));
		log_warning(&ctx, "the hook says that \"%s\" is gone: ignored", plain);
		return;
	}
	save(d);
	log_notice(&ctx, "%s is gone with the new version", text);
	if (p.n == 1)
		dm_object_remove(dm, p.id[0]);
	else
		dm_instance_remove(dm, p.id[0], p.id[1]);
}

bool absent_is(const struct device *d, const struct path *p)
{
	for (size_t k = 0; d->absent && k < d->absent->n; k++)
		if (path_contains(&d->absent->p[k], p))
			return true;
	return false;
}

void absent_back(struct device *d, const struct path *p)
{
	struct absent *a = d->absent;
	size_t n = 0;

	if (!absent_is(d, p))
		return;
	for (size_t k = 0; k < a->n; k++)
		if (!path_contains(&a->p[k], p))
			a->p[n++] = a->p[k];
	a->n = n;
	save(d);
}

void absent_load(struct device *d)
{
	char *dir = residue_dir(d), text[FILE_MAX + 1], *line, *rest = text;
	int n = keep_read(dir, "absent", text, FILE_MAX);
	struct path p;

	text[n > 0 ? n : 0] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (*line && !parse(&p, line, strlen(line)))
			add(d, &p);
	free(dir);
}

void absent_free(struct device *d)
{
	free(d->absent);
	d->absent = NULL;
}
