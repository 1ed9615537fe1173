/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes and executes of servers on their way to a device. A write is answered when the device's
 * own report confirms it, or at once where the map says optimistic; a report that does not come in
 * time is a time-out. A newer write to the same resource takes the place of an older one, which
 * ends as canceled: its confirmation could not be told from the newer one's.
 */
#include <stdlib.h>
#include <string.h>
#include "gateway/state.h"
#include "lwm2m/clients.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("gateway");

enum { RES_REBOOT = 4, RES_FACTORY_RESET = 5 };

/* Several keys of a map may feed one resource: the one that this device had first is commanded. */
static const struct map_rule *rule_for(const struct device *d, const struct path *p)
{
	const struct key *first = NULL;

	for (uint16_t i = 0; i < d->nkeys; i++) {
		const struct key *k = &d->keys[i];
		const struct map_rule *r = k->rule;

		if (r && (r->entry->write || r->entry->execute) && path_eq(&r->path, p) &&
			(!first || k->nth < first->nth))
			first = k;
	}
	if (first)
		return first->rule;
	return d->mapping ? mapping_by_path(d->mapping, p, true) : NULL;
}

/* Resources that the gateway keeps itself and a server may set. */
static bool is_own(const struct dm_change *c)
{
	return c->path.id[2] == RES_LABEL && c->path.n == 3;
}

static int check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	const struct device *d = ud;
	struct lgw_value back;

	(void)ssid;
	for (size_t k = 0; k < n; k++) {
		const struct map_rule *r = rule_for(d, &c[k].path);

		if (is_own(&c[k]))
			continue;
		if (!r || c[k].kind != DM_SET || !d->source || !d->source->ops->command)
			return LGW_EOP;
		if (map_back(r, &c[k].value, &back))
			return LGW_EINVAL;
	}
	return LGW_OK;
}

static void write_end(struct write *w, int status)
{
	struct dm_op *op = w->op;

	if (status && !w->status)
		w->status = status;
	if (--w->left)
		return;
	status = w->status;
	free(w);
	dm_op_done(op, status);
}

static void command_free(struct command *c)
{
	LIST_REMOVE(c, next);
	timer_del(c->device->gateway->env->timers, &c->timer);
	if (value_is_bytes(c->want.type))
		free((uint8_t *)(uintptr_t)c->want.u.s.p);
	free(c);
}

static void command_end(struct command *c, int status)
{
	struct device *d = c->device;
	struct write *w = c->write;
	char path[PATH_TEXT_MAX];

	if (status) {
		d->gateway->count.commands_failed++;
		log_notice((&(struct log_ctx){ .endpoint = client_endpoint(d->client) }),
			"command for %s failed: %s", path_text(path, &c->path), err_text(status));
	} else if (c->optimistic && !c->execute) {
		dm_set(client_dm(d->client), &c->path, &c->want, 0);
	} else if (path_eq(&c->path, &PATH_RES(3, 0, RES_REBOOT))) {
		d->rebooting = true;
	} else if (path_eq(&c->path, &PATH_RES(3, 0, RES_FACTORY_RESET))) {
		device_reset(d);
	}
	command_free(c);
	write_end(w, status);
}

static void timed_out(struct timer *t, void *ud)
{
	(void)t;
	command_end(ud, LGW_ETIMEDOUT);
}

/* Send one; the write's counter is raised already. */
static void command_send(struct device *d, const struct map_rule *r, struct write *w,
	const struct lgw_value *value, const struct value *want, bool execute)
{
	struct gateway *g = d->gateway;
	struct command *c = xcalloc(1, sizeof(*c));
	struct lgw_command cmd = { .device = d->id, .value = *value, .execute = execute };
	uint64_t id = ++g->next_command;
	int status;

	cmd.id = id;
	cmd.key = r->entry->command_key ? r->entry->command_key : r->entry->key;
	c->device = d;
	c->write = w;
	c->id = id;
	c->path = r->path;
	c->execute = execute;
	c->optimistic = r->entry->optimistic || d->optimistic;
	if (want) {
		c->want = *want;
		if (value_is_bytes(want->type))
			c->want.u.s.p = xmemdup(want->u.s.p, want->u.s.len);
	}
	timer_init(&c->timer, timed_out, c);
	timer_set(g->env->timers, &c->timer, timers_now(g->env->timers) + r->entry->confirm_ms);
	LIST_INSERT_HEAD(&g->commands, c, next);
	g->count.commands++;
	status = d->source->ops->command(d->source->ud, &cmd);
	/* The source may have ended it already. */
	if (status) {
		LIST_FOREACH(c, &g->commands, next)
			if (c->id == id)
				break;
		if (c)
			command_end(c, status);
	}
}

static void supersede(struct device *d, const struct path *p)
{
	struct command *c, *next;

	for (c = LIST_FIRST(&d->gateway->commands); c; c = next) {
		next = LIST_NEXT(c, next);
		if (c->device == d && !c->execute && path_eq(&c->path, p)) {
			command_end(c, LGW_ECANCELED);
			next = LIST_FIRST(&d->gateway->commands);
		}
	}
}

static int finish_inside(struct write *w)
{
	int status;

	if (--w->left)
		return LGW_PENDING;
	status = w->status;
	free(w);
	return status;
}

static int apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	struct device *d = ud;
	struct write *w = xcalloc(1, sizeof(*w));

	(void)ssid;
	w->op = op;
	w->left = 1; /* ours, so that none that ends at once ends the write */
	for (size_t k = 0; k < n; k++) {
		const struct map_rule *r = rule_for(d, &c[k].path);
		struct lgw_value value;

		if (is_own(&c[k]) || !r || map_back(r, &c[k].value, &value))
			continue;
		c[k].handled = true; /* the device's report says what came of it */
		supersede(d, &c[k].path);
		w->left++;
		command_send(d, r, w, &value, &c[k].value, false);
	}
	return finish_inside(w);
}

int command_execute(struct device *d, const struct path *p, const struct dm_arg *args, size_t n,
	struct dm_op *op)
{
	const struct map_rule *r = rule_for(d, p);
	struct lgw_value value = { .type = LGW_NULL };
	struct write *w;

	if (!r || !r->entry->execute || !d->source || !d->source->ops->command)
		return LGW_EOP;
	if (n && args[0].value) {
		value.type = LGW_TEXT;
		value.u.s.p = args[0].value;
		value.u.s.len = args[0].len;
	}
	w = xcalloc(1, sizeof(*w));
	w->op = op;
	w->left = 2; /* it and ours */
	command_send(d, r, w, &value, NULL, true);
	return finish_inside(w);
}

static int execute(void *ud, uint16_t ssid, const struct path *p, const struct dm_arg *args,
	size_t nargs, struct dm_op *op)
{
	struct device *d = ud;
	struct dm *dm = client_dm(d->client);
	struct value v;

	(void)ssid;
	if (rule_for(d, p))
		return command_execute(d, p, args, nargs, op);
	/* Reset Min and Max Measured Values (IPSO): they begin anew at the present value. */
	if (p->id[2] != RES_RESET_EXTREMES ||
		dm_get(dm, &PATH_RES(p->id[0], p->id[1], RES_VALUE), &v, NULL))
		return LGW_EOP;
	dm_set(dm, &PATH_RES(p->id[0], p->id[1], RES_MIN), &v, 0);
	dm_get(dm, &PATH_RES(p->id[0], p->id[1], RES_VALUE), &v, NULL);
	dm_set(dm, &PATH_RES(p->id[0], p->id[1], RES_MAX), &v, 0);
	return LGW_OK;
}

const struct object_ops device_object_ops = {
	.check = check, .apply = apply, .execute = execute, .reversible = true
};

void commands_confirm(struct device *d, const struct path *p, const struct value *v)
{
	struct command *c;

	LIST_FOREACH(c, &d->gateway->commands, next)
		if (c->device == d && !c->execute && path_eq(&c->path, p) &&
			value_eq(&c->want, v)) {
			command_end(c, LGW_OK);
			return;
		}
}

void commands_drop(struct device *d, int status)
{
	struct command *c, *next;

	for (c = LIST_FIRST(&d->gateway->commands); c; c = next) {
		next = LIST_NEXT(c, next);
		if (c->device == d) {
			command_end(c, status);
			next = LIST_FIRST(&d->gateway->commands);
		}
	}
}

void commands_drop_all(struct gateway *g, int status)
{
	struct command *c;

	while ((c = LIST_FIRST(&g->commands)))
		command_end(c, status);
}

void gateway_command_done(struct source *s, uint64_t id, int status)
{
	struct command *c;

	LIST_FOREACH(c, &s->gateway->commands, next)
		if (c->id == id)
			break;
	if (!c || c->device->source != s)
		return;
	/* Published is not confirmed: a write waits on for the device's report. */
	if (status || c->execute || c->optimistic)
		command_end(c, status);
}
