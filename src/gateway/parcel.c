/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fetch/fetch.h"
#include "fetch/verify.h"
#include "gateway/hook.h"
#include "gateway/keep.h"
#include "gateway/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("firmware");

#define IDLE_MS 60000

/* The slow part of a check, in a worker. It outlives the parcel. */
struct verify {
	struct parcel *parcel; /* NULL: given up */
	struct work *work;
	int fd, status;
	char uri[FIRMWARE_TEXT_MAX + 1];
};

struct parcel {
	struct device *device;
	const struct parcel_env *env;
	const struct parcel_owner *owner;
	void *ud;
	char *dir, *image, *hook, *job_name;
	int fd; /* of the image while it grows; -1 */
	uint64_t size;
	struct session_params session; /* of the download: the server's may change */
	uint16_t ssid;                 /* who asked for it */
	struct fetch *fetch;
	struct verify *verify;
	struct hook_job *job;
	const char *verb;
};

#define PARCEL_LOG(p_) (&(struct log_ctx){ .endpoint = client_endpoint((p_)->device->client) })

static const struct firmware_params *params(const struct parcel *p)
{
	return &p->device->gateway->params->firmware;
}

/* The word for what the lower layers say (LwM2M 1.0 E.6). */
static enum firmware_result result_of(int status)
{
	switch (status) {
	case LGW_OK:
		return FIRMWARE_NONE;
	case LGW_ETOOBIG:
	case LGW_EIO:
		return FIRMWARE_NO_SPACE;
	case LGW_ENOMEM:
		return FIRMWARE_NO_MEMORY;
	case LGW_EINVAL:
	case LGW_ENOENT:
		return FIRMWARE_BAD_URI;
	case LGW_ENOTSUP:
		return FIRMWARE_PROTOCOL;
	default:
		return FIRMWARE_LOST;
	}
}

/* --- the file ------------------------------------------------------------------------------ */

static void close_image(struct parcel *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static enum firmware_result open_image(struct parcel *p, int flags)
{
	close_image(p);
	if (!keep_dir(p->dir))
		p->fd = open(p->image, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600);
	if (p->fd >= 0)
		return FIRMWARE_NONE;
	log_err(PARCEL_LOG(p), "%s: %m", p->image);
	return FIRMWARE_NO_SPACE;
}

enum firmware_result parcel_begin(struct parcel *p)
{
	parcel_drop(p);
	p->size = 0;
	return open_image(p, O_TRUNC);
}

enum firmware_result parcel_write(struct parcel *p, const uint8_t *b, size_t len)
{
	if (p->size + len > (uint64_t)params(p)->max_size) {
		log_notice(PARCEL_LOG(p), "the image is larger than max_size allows");
		return FIRMWARE_NO_SPACE;
	}
	while (len) {
		ssize_t n = pwrite(p->fd, b, len, (off_t)p->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			log_err(PARCEL_LOG(p), "%s: %m", p->image);
			return FIRMWARE_NO_SPACE;
		}
		b += n;
		len -= (size_t)n;
		p->size += (uint64_t)n;
	}
	return FIRMWARE_NONE;
}

static uint64_t image_size(const struct parcel *p)
{
	off_t end = p->fd >= 0 ? lseek(p->fd, 0, SEEK_END) : 0;

	return end > 0 ? (uint64_t)end : 0;
}

/* --- fetching ------------------------------------------------------------------------------ */

static void on_tag(void *ud, const char *tag)
{
	const struct parcel *p = ud;

	if (keep_write(p->dir, "tag", tag, strlen(tag)))
		log_err(PARCEL_LOG(p), "%s/tag: %m", p->dir);
}

static void on_fetched(void *ud, int status)
{
	struct parcel *p = ud;

	fetch_free(p->fetch);
	p->fetch = NULL;
	log_notice(PARCEL_LOG(p), "download ended with %llu bytes: %s",
		(unsigned long long)image_size(p), status ? err_text(status) : "whole");
	p->owner->ended(p->ud, result_of(status));
}

static const char *interface(void *ud)
{
	const struct parcel *p = ud;

	return client_interface(p->device->client, p->ssid);
}

static const struct fetch_hooks fetch_hooks = { on_tag, on_fetched, interface };

/* The keys, the timers and the way of the server that asks for it. */
static void like_server(struct parcel *p, uint16_t ssid, struct fetch_params *f)
{
	const struct server_params *s = client_server(p->device->client, ssid);

	p->session = s ? s->session : session_params_default;
	p->ssid = ssid;
	f->session = &p->session;
	f->cred = s ? s->account.cred : NULL;
}

void parcel_fetch(struct parcel *p, const struct parcel_source *s)
{
	const struct firmware_params *fp = params(p);
	struct fetch_params f = { .uri = s->uri,
		.user = s->user && *s->user ? s->user : NULL,
		.password = s->password,
		.max = (uint64_t)fp->max_size,
		.tries = (uint32_t)fp->tries,
		.pause_ms = (uint32_t)fp->pause_ms,
		.idle_ms = IDLE_MS,
		.ca_file = fp->ca_file };
	char tag[FETCH_TAG_MAX + 1] = "";
	enum firmware_result e;
	int n = 0;

	if (!s->again)
		parcel_drop(p);
	e = open_image(p, 0);
	if (e) {
		p->owner->ended(p->ud, e);
		return;
	}
	if (s->again)
		n = keep_read(p->dir, "tag", tag, FETCH_TAG_MAX);
	tag[n > 0 ? n : 0] = '\0';
	f.fd = p->fd;
	f.have = image_size(p);
	f.tag = tag;
	like_server(p, s->ssid, &f);
	log_notice(PARCEL_LOG(p), "download begins%s", f.have && *tag ? " where it was" : "");
	p->fetch = fetch_new(p->env->fetch, &f, &fetch_hooks, p);
}

/* --- the hook ------------------------------------------------------------------------------ */

void parcel_var(struct hook_request *r, const char *name, const char *value)
{
	char *var;

	if (!value || r->nvars == HOOK_VARS_MAX)
		return;
	var = xasprintf("%s=%s", name, value);
	for (char *c = var; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	r->vars[r->nvars++] = var;
}

/* Lines "KEY=VALUE". */
static void tell(const struct parcel *p, const char *output)
{
	char *text = xstrdup(output), *line, *rest = text, *sep;

	while ((line = strsep(&rest, "\n")))
		if ((sep = strchr(line, '='))) {
			*sep = '\0';
			p->owner->told(p->ud, line, sep + 1);
		}
	free(text);
}

/* Its exit status is a result; others: what the verb is about failed. */
static enum firmware_result result_of_hook(const char *verb, int status)
{
	if (status <= 0) /* below 0: nobody knows what it found */
		return status ? FIRMWARE_FAILED : FIRMWARE_NONE;
	if (status == FIRMWARE_NO_SPACE || status == FIRMWARE_NO_MEMORY ||
		status == FIRMWARE_INTEGRITY || status == FIRMWARE_TYPE ||
		status == FIRMWARE_FAILED)
		return (enum firmware_result)status;
	return strcmp(verb, "check") ? FIRMWARE_FAILED : FIRMWARE_INTEGRITY;
}

static void on_hook(void *ud, int status, const char *output)
{
	struct parcel *p = ud;

	p->job = NULL;
	if (status < 0)
		log_err(PARCEL_LOG(p), "hook %s %s: %s", p->hook, p->verb, err_text(status));
	else
		log_notice(PARCEL_LOG(p), "hook %s %s ended with %d", p->hook, p->verb, status);
	if (p->owner->told && status >= 0)
		tell(p, output);
	p->owner->ended(p->ud, result_of_hook(p->verb, status));
}

void parcel_run(struct parcel *p, const char *verb)
{
	const struct device *d = p->device;
	struct hook_request r = { .program = p->hook, .verb = verb, .job = p->job_name };

	if (!p->hook) {
		p->owner->ended(p->ud, strcmp(verb, "check") ? FIRMWARE_FAILED : FIRMWARE_NONE);
		return;
	}
	p->verb = verb;
	r.timeout_ms = params(p)->hook_timeout_ms;
	parcel_var(&r, "LGW_VERB", verb);
	parcel_var(&r, "LGW_IMAGE", p->image);
	parcel_var(&r, "LGW_ENDPOINT", client_endpoint(d->client));
	parcel_var(&r, "LGW_SOURCE", device_source(d));
	parcel_var(&r, "LGW_DEVICE", d->id);
	p->owner->vars(p->ud, &r);
	p->job = p->env->hooks->run(p->env->hooks_ud, &r, on_hook, p);
	for (size_t k = 0; k < r.nvars; k++)
		free(r.vars[k]);
}

/* --- checking ------------------------------------------------------------------------------ */

static void verify_run(void *ud)
{
	struct verify *v = ud;

	v->status = fetch_verify(v->fd, v->uri);
}

static void verify_done(void *ud, bool canceled)
{
	struct verify *v = ud;
	struct parcel *p = canceled ? NULL : v->parcel;
	int status = v->status;

	close(v->fd);
	if (v->parcel)
		v->parcel->verify = NULL;
	free(v);
	if (!p)
		return;
	if (!status) {
		parcel_run(p, "check");
		return;
	}
	log_notice(PARCEL_LOG(p), "the image is not what its URI promised: %s", err_text(status));
	p->owner->ended(p->ud, status == LGW_EINVAL ? FIRMWARE_INTEGRITY : FIRMWARE_NO_SPACE);
}

void parcel_check(struct parcel *p, const char *uri)
{
	struct verify *v;
	enum firmware_result e = open_image(p, 0);

	if (!e && !image_size(p))
		e = FIRMWARE_INTEGRITY;
	if (e) {
		p->owner->ended(p->ud, e);
		return;
	}
	v = p->verify = xcalloc(1, sizeof(*v));
	v->parcel = p;
	v->fd = p->fd;
	p->fd = -1;
	snprintf(v->uri, sizeof(v->uri), "%s", uri);
	v->work = work_start(p->env->workers, verify_run, verify_done, v);
}

/* --- life ---------------------------------------------------------------------------------- */

static void give_up(struct parcel *p)
{
	fetch_free(p->fetch);
	p->fetch = NULL;
	if (p->job)
		p->env->hooks->forget(p->job);
	p->job = NULL;
	if (p->verify) {
		p->verify->parcel = NULL;
		work_cancel(p->verify->work);
	}
	p->verify = NULL;
	close_image(p);
}

void parcel_drop(struct parcel *p)
{
	char *tag = xasprintf("%s/tag", p->dir);

	give_up(p);
	unlink(tag);
	unlink(p->image);
	free(tag);
}

struct parcel *parcel_new(struct device *d, const char *dir, const char *hook, const char *job,
	const struct parcel_owner *owner, void *ud)
{
	char *name;
	struct parcel *p;

	if (!d->gateway->parcels)
		return NULL;
	p = xcalloc(1, sizeof(*p));
	name = keep_name(client_endpoint(d->client));
	p->device = d;
	p->env = d->gateway->parcels;
	p->owner = owner;
	p->ud = ud;
	p->dir = xstrdup(dir);
	p->image = xasprintf("%s/image", dir);
	p->hook = xstrdup(hook);
	p->job_name = xasprintf("%s-%s", job, name);
	free(name);
	p->fd = -1;
	return p;
}

void parcel_free(struct parcel *p)
{
	if (!p)
		return;
	give_up(p);
	free(p->dir);
	free(p->image);
	free(p->hook);
	free(p->job_name);
	free(p);
}

const char *parcel_dir(const struct parcel *p)
{
	return p->dir;
}

const char *parcel_image(const struct parcel *p)
{
	return p->image;
}

bool parcel_has_image(const struct parcel *p)
{
	return !access(p->image, R_OK);
}
