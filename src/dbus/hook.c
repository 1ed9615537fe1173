/* SPDX-License-Identifier: BSD-3-Clause */
#include "dbus/hook.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include "dbus/state.h"
#include "gateway/keep.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("dbus");

#define SYSTEMD      "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define MANAGER      SYSTEMD ".Manager"

struct hook_systemd {
	struct loop *loop;
	char *address, *requests, *output;
	GDBusConnection *conn; /* NULL until it is used */
	bool connecting;
	GCancellable *cancel;
	guint removed; /* subscription to JobRemoved */
	LIST_HEAD(, hook_job) jobs;
};

struct hook_job {
	LIST_ENTRY(hook_job) next;
	struct hook_systemd *all;
	hook_done_fn done; /* NULL: forgotten */
	void *ud;
	char *unit, *file; /* of the request and of the output */
	char *job;         /* path of systemd's job; NULL until it said */
	bool restart;      /* one that may still run is ended first */
	struct timer timer;
	int64_t timeout_ms;
	int status; /* what the timer says */
	GCancellable *cancel;
};

/* The instance of the unit for a job: '%' as systemd escapes it. The caller frees it. */
static char *instance_of(const char *job)
{
	char *unit = xmalloc(2 * strlen(job) + 1), *at = unit;

	for (const char *p = job; *p; p++) {
		*at++ = *p == '%' ? '\\' : *p;
		if (*p == '%')
			*at++ = 'x';
	}
	*at = '\0';
	return unit;
}

static void job_free(struct hook_job *j)
{
	LIST_REMOVE(j, next);
	timer_del(loop_timers(j->all->loop), &j->timer);
	g_cancellable_cancel(j->cancel);
	g_object_unref(j->cancel);
	free(j->unit);
	free(j->file);
	free(j->job);
	free(j);
}

static void end(struct hook_job *j, int status)
{
	char output[HOOK_OUTPUT_MAX + 1];
	int n = keep_read(j->all->output, j->file, output, HOOK_OUTPUT_MAX);

	/* Of one that is longer the begin is there. */
	output[n > 0 ? n : n == LGW_ETOOBIG ? HOOK_OUTPUT_MAX : 0] = '\0';
	if (j->done)
		j->done(j->ud, status, output);
	job_free(j);
}

static void arm(struct hook_job *j, int status, int64_t ms)
{
	struct timers *ts = loop_timers(j->all->loop);

	j->status = status;
	timer_set(ts, &j->timer, timers_now(ts) + ms);
}

/* The result of a call, or NULL: then the job is gone, or failed. */
static GVariant *result_of(GObject *source, GAsyncResult *res, struct hook_job *j)
{
	GError *err = NULL;
	GVariant *v = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), res, &err);

	if (v)
		return v;
	if (!g_error_matches(err, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		log_err(NULL, "%s: %s", j->unit, err->message);
		end(j, LGW_EUNAVAIL);
	}
	g_error_free(err);
	return NULL;
}

static void call(struct hook_job *j, const char *path, const char *interface, const char *method,
	GVariant *args, GAsyncReadyCallback fn)
{
	g_dbus_connection_call(j->all->conn, SYSTEMD, path, interface, method, args, NULL,
		G_DBUS_CALL_FLAGS_NONE, -1, j->cancel, fn, j);
}

/* --- the end of a unit --------------------------------------------------------------------- */

static void got_status(GObject *source, GAsyncResult *res, gpointer ud)
{
	GVariant *v = result_of(source, res, ud), *status = NULL;

	if (!v)
		return;
	g_variant_get(v, "(v)", &status);
	/* A program that could not be run at all has status 0 there, and failed all the same. */
	if (g_variant_is_of_type(status, G_VARIANT_TYPE_INT32) && g_variant_get_int32(status))
		end(ud, g_variant_get_int32(status));
	else
		end(ud, LGW_EIO);
	g_variant_unref(status);
	g_variant_unref(v);
}

static void got_unit(GObject *source, GAsyncResult *res, gpointer ud)
{
	GVariant *v = result_of(source, res, ud);
	const char *path;

	if (!v)
		return;
	g_variant_get(v, "(&o)", &path);
	call(ud, path, "org.freedesktop.DBus.Properties", "Get",
		g_variant_new("(ss)", SYSTEMD ".Service", "ExecMainStatus"), got_status);
	g_variant_unref(v);
}

/* JobRemoved(id, job, unit, result): the unit ended, since it is one that starts, works, ends. */
static void on_removed(GDBusConnection *conn, const gchar *sender, const gchar *path,
	const gchar *interface, const gchar *signal, GVariant *args, gpointer ud)
{
	struct hook_systemd *h = ud;
	const char *job, *result;
	struct hook_job *j;

	(void)conn, (void)sender, (void)path, (void)interface, (void)signal;
	if (!g_variant_is_of_type(args, G_VARIANT_TYPE("(uoss)")))
		return;
	g_variant_get(args, "(u&o&s&s)", NULL, &job, NULL, &result);
	LIST_FOREACH(j, &h->jobs, next)
		if (j->job && !strcmp(j->job, job))
			break;
	if (!j)
		return;
	if (!strcmp(result, "done"))
		end(j, 0);
	else if (!strcmp(result, "failed"))
		call(j, SYSTEMD_PATH, MANAGER, "LoadUnit", g_variant_new("(s)", j->unit), got_unit);
	else
		end(j, !strcmp(result, "timeout") ? LGW_ETIMEDOUT : LGW_ECANCELED);
}

/* --- the begin of a unit ------------------------------------------------------------------- */

static void started(GObject *source, GAsyncResult *res, gpointer ud)
{
	struct hook_job *j = ud;
	GVariant *v = result_of(source, res, j);
	const char *job;

	if (!v)
		return;
	g_variant_get(v, "(&o)", &job);
	free(j->job);
	j->job = xstrdup(job);
	g_variant_unref(v);
}

static void start_unit(struct hook_job *j)
{
	arm(j, LGW_ETIMEDOUT, j->timeout_ms);
	call(j, SYSTEMD_PATH, MANAGER, j->restart ? "RestartUnit" : "StartUnit",
		g_variant_new("(ss)", j->unit, "replace"), started);
}

static void fail_all(struct hook_systemd *h)
{
	struct hook_job *j;

	LIST_FOREACH(j, &h->jobs, next)
		arm(j, LGW_EUNAVAIL, 0);
}

/* Whatever ran is no longer heard of. */
static void closed(GDBusConnection *conn, gboolean remote, GError *err, gpointer ud)
{
	struct hook_systemd *h = ud;

	(void)conn, (void)remote, (void)err;
	g_signal_handlers_disconnect_by_data(h->conn, h);
	g_clear_object(&h->conn);
	h->removed = 0;
	fail_all(h);
}

static void connected(GObject *source, GAsyncResult *res, gpointer ud)
{
	struct hook_systemd *h = ud;
	struct hook_job *j;
	GError *err = NULL;
	GDBusConnection *conn = g_dbus_connection_new_for_address_finish(res, &err);

	(void)source;
	if (g_error_matches(err, G_IO_ERROR, G_IO_ERROR_CANCELLED)) { /* h is gone */
		g_error_free(err);
		return;
	}
	h->connecting = false;
	if (!conn) {
		log_err(NULL, "no bus for hooks: %s", err->message);
		fail_all(h);
		g_error_free(err);
		return;
	}
	h->conn = conn;
	g_dbus_connection_set_exit_on_close(conn, FALSE);
	g_signal_connect(conn, "closed", G_CALLBACK(closed), h);
	h->removed = g_dbus_connection_signal_subscribe(conn, SYSTEMD, MANAGER, "JobRemoved",
		SYSTEMD_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_removed, h, NULL);
	/* Without a subscriber the manager tells nothing. */
	g_dbus_connection_call(conn, SYSTEMD, SYSTEMD_PATH, MANAGER, "Subscribe", NULL, NULL,
		G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
	LIST_FOREACH(j, &h->jobs, next)
		if (j->status == LGW_ETIMEDOUT) /* the others have failed already */
			start_unit(j);
}

static int connect_(struct hook_systemd *h)
{
	GError *err = NULL;
	char *address = bus_address(h->address, &err);

	if (!address) {
		log_err(NULL, "no bus for hooks: %s", err->message);
		g_error_free(err);
		return LGW_EUNAVAIL;
	}
	g_dbus_connection_new_for_address(address,
		G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
			G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
		NULL, h->cancel, connected, h);
	h->connecting = true;
	g_free(address);
	return LGW_OK;
}

/* --- hook_ops ------------------------------------------------------------------------------ */

static void on_time(struct timer *t, void *ud)
{
	struct hook_job *j = ud;

	(void)t;
	if (j->status == LGW_ETIMEDOUT && j->all->conn)
		g_dbus_connection_call(j->all->conn, SYSTEMD, SYSTEMD_PATH, MANAGER, "StopUnit",
			g_variant_new("(ss)", j->unit, "replace"), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
			NULL, NULL, NULL);
	end(j, j->status);
}

static int write_request(const struct hook_job *j, const struct hook_request *r)
{
	char *text = xasprintf("HOOK=%s\n", r->program);
	int e;

	for (size_t k = 0; k < r->nvars; k++) {
		char *more = xasprintf("%s%s\n", text, r->vars[k]);

		free(text);
		text = more;
	}
	e = keep_dir(j->all->requests) ? LGW_EIO
				       : keep_write(j->all->requests, j->file, text, strlen(text));
	if (e)
		log_err(NULL, "%s/%s: %m", j->all->requests, j->file);
	free(text);
	return e;
}

static struct hook_job *run(
	void *ud, const struct hook_request *r, hook_done_fn done, void *done_ud)
{
	struct hook_systemd *h = ud;
	struct hook_job *j = xcalloc(1, sizeof(*j));
	int e;

	j->all = h;
	j->done = done;
	j->ud = done_ud;
	j->file = instance_of(r->job);
	j->unit = xasprintf("lwm2m-gateway-hook@%s.service", j->file);
	j->timeout_ms = r->timeout_ms;
	j->restart = strcmp(r->verb, "resume") != 0; /* which waits for what still runs */
	j->cancel = g_cancellable_new();
	timer_init(&j->timer, on_time, j);
	LIST_INSERT_HEAD(&h->jobs, j, next);
	e = hook_name_valid(r->program) ? write_request(j, r) : LGW_EINVAL;
	if (!e && !h->conn && !h->connecting)
		e = connect_(h);
	if (e)
		arm(j, e, 0);
	else if (h->conn)
		start_unit(j);
	else
		arm(j, LGW_ETIMEDOUT, j->timeout_ms);
	return j;
}

static void forget(struct hook_job *j)
{
	if (j)
		job_free(j);
}

const struct hook_ops hook_ops_systemd = { run, forget };

struct hook_systemd *hook_systemd_new(
	struct loop *loop, const char *address, const char *requests, const char *output)
{
	struct hook_systemd *h = xcalloc(1, sizeof(*h));

	h->loop = loop;
	h->address = xstrdup(address);
	h->requests = xstrdup(requests);
	h->output = xstrdup(output);
	h->cancel = g_cancellable_new();
	return h;
}

void hook_systemd_free(struct hook_systemd *h)
{
	struct hook_job *j;

	if (!h)
		return;
	while ((j = LIST_FIRST(&h->jobs)))
		job_free(j);
	g_cancellable_cancel(h->cancel);
	g_object_unref(h->cancel);
	if (h->conn) {
		g_dbus_connection_signal_unsubscribe(h->conn, h->removed);
		g_signal_handlers_disconnect_by_data(h->conn, h);
		g_dbus_connection_close_sync(h->conn, NULL, NULL);
		g_object_unref(h->conn);
	}
	free(h->address);
	free(h->requests);
	free(h->output);
	free(h);
}
