/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread of a broker. It reads what there is, hands one batch of readings to the loop, and
 * writes, acknowledgements first of all, only when that batch is settled: what the broker may
 * forget is safe with us. mosquitto_threaded_set makes the library only queue what it has to send.
 */
#include "broker.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <lgw/status.h>
#include "mem.h"
#include "state.h"

#define TURN_MS      1000
#define READ_MAX     100  /* packets at a time */
#define BATCH_MAX    2000 /* readings */
#define PAUSE_MIN_MS 1000
#define PAUSE_MAX_MS 60000
#define GOOD_MS      30000  /* a connection that lasts so long begins anew with short pauses */
#define BEAT_MAX_MS  180000 /* a resolver may take its time */

/* --- the loop's side -------------------------------------------------------------------------- */

static void wake(struct broker *b)
{
	const uint64_t one = 1;

	while (write(b->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void letter_free(struct letter *l)
{
	free(l->device);
	free(l->key);
	free(l->text);
	free(l->rule);
	free(l);
}

static void letter_send(struct broker *b, struct letter *l)
{
	pthread_mutex_lock(&b->lock);
	*b->inbox_end = l;
	b->inbox_end = &l->next;
	b->inbox_n++;
	pthread_mutex_unlock(&b->lock);
	wake(b);
}

int broker_command(struct broker *b, const struct lgw_command *cmd)
{
	struct letter *l;
	unsigned n;

	pthread_mutex_lock(&b->lock);
	n = b->inbox_n;
	pthread_mutex_unlock(&b->lock);
	if (!atomic_load(&b->connected) || n >= COMMANDS_MAX)
		return LGW_EUNAVAIL;
	l = mem_zero(1, sizeof(*l));
	l->id = cmd->id;
	l->device = mem_dup(cmd->device);
	l->key = mem_dup(cmd->key);
	l->value = cmd->value;
	if (cmd->value.type == LGW_TEXT || cmd->value.type == LGW_BYTES) {
		l->text = mem_dupn(cmd->value.u.s.p, cmd->value.u.s.len);
		l->value.u.s.p = l->text;
	}
	letter_send(b, l);
	return LGW_OK;
}

void broker_device(struct broker *b, const char *device, const char *rule)
{
	struct letter *l = mem_zero(1, sizeof(*l));

	l->device = mem_dup(device);
	l->rule = mem_dup(rule);
	letter_send(b, l);
}

void broker_rules(struct broker *b, struct ruleset *rules)
{
	struct letter *l = mem_zero(1, sizeof(*l));

	l->rules = rules;
	letter_send(b, l);
}

void broker_stop(struct broker *b)
{
	atomic_store(&b->ending, true);
	wake(b);
}

const char *broker_called(const struct broker *b)
{
	return b->name;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_tls(const struct tls_conf *a, const struct tls_conf *b)
{
	return a->enabled == b->enabled && a->insecure == b->insecure && a->version == b->version &&
	       same(a->ca_file, b->ca_file) && same(a->ca_path, b->ca_path) &&
	       same(a->cert_file, b->cert_file) && same(a->key_file, b->key_file) &&
	       same(a->ciphers, b->ciphers);
}

bool broker_same(const struct broker *b, const struct broker_conf *c)
{
	char *id = b->client_id;

	return same(b->address, c->host) && b->port == broker_port(c) &&
	       same(b->username, c->username) && same(b->password, c->password) &&
	       (!c->client_id || same(id, c->client_id)) &&
	       b->keepalive_s == (int)(c->keepalive_ms / 1000) &&
	       b->connect_ms == c->connect_timeout_ms && same_tls(&b->tls, &c->tls);
}

/* --- letters to the loop -----------------------------------------------------------------------
 */

struct notice {
	struct broker *b;
	bool ok;
	char text[160];
};

static void show(void *ud)
{
	struct notice *n = ud;

	n->b->host->state(n->b->host, n->b->name, n->ok, n->text);
	free(n);
}

static void __attribute__((format(printf, 3, 4)))
state(struct broker *b, bool ok, const char *fmt, ...)
{
	struct notice *n = mem_zero(1, sizeof(*n));
	va_list ap;

	n->b = b;
	n->ok = ok;
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	va_end(ap);
	if (b->host->post(b->host, show, n))
		free(n);
}

static void ended(void *ud)
{
	struct broker *b = ud;

	pthread_join(b->thread, NULL);
	if (b->beat >= 0)
		b->host->thread_remove(b->host, b->beat);
	b->owner->stopped(b->ud, b);
}

/* The batch is settled; from the loop. */
static void settled(void *ud, int status)
{
	struct broker *b = ud;

	if (status)
		atomic_store(&b->refused, true);
	atomic_store(&b->settled, true);
	wake(b);
}

/* --- waiting -----------------------------------------------------------------------------------
 */

/* Waits for the socket (fd, may be -1) or a wake-up; revents of the socket. */
static short wait_for(struct broker *b, int fd, short events, int64_t ms)
{
	struct pollfd p[2] = { { .fd = b->wake, .events = POLLIN },
		{ .fd = fd, .events = events } };
	uint64_t n;

	b->host->thread_beat(b->host, b->beat);
	poll(p, 2, (int)(ms > TURN_MS ? TURN_MS : ms < 0 ? 0 : ms));
	if (p[0].revents && read(b->wake, &n, sizeof(n)) < 0)
		n = 0;
	return p[1].revents;
}

static bool ending(const struct broker *b)
{
	return atomic_load(&b->ending);
}

static int64_t now(const struct broker *b)
{
	return b->host->now_mono(b->host);
}

/* --- callbacks of the library, in the thread ----------------------------------------------------
 */

static void subscribe(struct broker *b, const struct ruleset *had)
{
	for (size_t k = 0; k < b->rules->nsubs; k++) {
		const struct subscription *s = &b->rules->subs[k];

		if (!had || !ruleset_subscribes(had, s->filter, s->qos))
			mosquitto_subscribe(b->m, NULL, s->filter, s->qos);
	}
}

static void on_connect(struct mosquitto *m, void *ud, int rc, int flags)
{
	struct broker *b = ud;

	(void)m;
	if (rc) {
		b->failure = mosquitto_connack_string(rc);
		return;
	}
	b->up = true;
	b->up_ms = now(b);
	atomic_store(&b->connected, true);
	b->host->log(b->host, LGW_LOG_INFO, NULL, "broker %s: connected to %s port %d%s", b->name,
		b->address, b->port, flags & 1 ? ", it kept our session" : "");
	state(b, true, "connected to %s port %d", b->address, b->port);
	/* A new process knows no value yet: subscribing brings the retained ones. Later on only a
	 * broker that forgot us is told again. */
	if (!(flags & 1))
		b->host->forget_marks(b->host, intake_from(b)); /* its ids begin anew */
	if (!(flags & 1) || !b->subscribed_once)
		subscribe(b, NULL);
	b->subscribed_once = true;
}

static void on_subscribe(struct mosquitto *m, void *ud, int mid, int n, const int *qos)
{
	struct broker *b = ud;

	(void)m;
	(void)mid;
	for (int k = 0; k < n; k++)
		if (qos[k] > 2)
			b->host->log(b->host, LGW_LOG_ERR, NULL,
				"broker %s refuses a subscription: see its access rules", b->name);
}

static void on_message(struct mosquitto *m, void *ud, const struct mosquitto_message *msg)
{
	(void)m;
	intake_message(ud, msg);
}

static void on_publish(struct mosquitto *m, void *ud, int mid)
{
	(void)m;
	orders_published(ud, mid);
}

/* --- one connection ------------------------------------------------------------------------------
 */

static int set_tls(struct broker *b)
{
	const struct tls_conf *t = &b->tls;
	const char *ca = t->ca_file || t->ca_path ? t->ca_path : "/etc/ssl/certs";
	int rc;

	if (!t->enabled)
		return MOSQ_ERR_SUCCESS;
	rc = mosquitto_tls_set(b->m, t->ca_file, ca, t->cert_file, t->key_file, NULL);
	if (!rc)
		rc = mosquitto_tls_opts_set(
			b->m, 1, t->version == TLS_1_3 ? "tlsv1.3" : "tlsv1.2", t->ciphers);
	if (!rc && t->insecure)
		rc = mosquitto_tls_insecure_set(b->m, true);
	return rc;
}

/* A new client each time: what was on its way when the connection broke is not sent later, after
 * its sender was told that it failed. */
static int prepare(struct broker *b)
{
	int rc;

	b->up = false;
	b->failure = NULL;
	b->m = mosquitto_new(b->client_id, false, b);
	if (!b->m)
		return MOSQ_ERR_NOMEM;
	mosquitto_threaded_set(b->m, true);
	mosquitto_int_option(b->m, MOSQ_OPT_TCP_NODELAY, 1);
	mosquitto_connect_with_flags_callback_set(b->m, on_connect);
	mosquitto_subscribe_callback_set(b->m, on_subscribe);
	mosquitto_message_callback_set(b->m, on_message);
	mosquitto_publish_callback_set(b->m, on_publish);
	rc = mosquitto_username_pw_set(b->m, b->username, b->password);
	return rc ? rc : set_tls(b);
}

/* Hand the batch over and wait until it is settled. false: it never will be. */
static bool commit(struct broker *b)
{
	int e = LGW_OK;

	if (!b->batch.n)
		return true;
	atomic_store(&b->settled, false);
	atomic_store(&b->refused, false);
	b->host->count(b->host, "readings", (int64_t)b->batch.n);
	e = b->host->submit(b->host, b->batch.r, b->batch.n, settled, b);
	batch_empty(&b->batch);
	/* Also when ending: until then the batch points at us. */
	while (!e && !atomic_load(&b->settled))
		wait_for(b, -1, 0, TURN_MS);
	if (e)
		atomic_store(&b->refused, true);
	return !atomic_load(&b->refused);
}

static void read_letters(struct broker *b)
{
	struct letter *l, *next;

	pthread_mutex_lock(&b->lock);
	l = b->inbox;
	b->inbox = NULL;
	b->inbox_end = &b->inbox;
	b->inbox_n = 0;
	pthread_mutex_unlock(&b->lock);
	for (; l; l = next) {
		next = l->next;
		if (l->rules) {
			struct ruleset *had = ruleset_ref(b->rules);

			intake_rules(b, l->rules);
			for (size_t k = 0; b->up && k < had->nsubs; k++)
				if (!ruleset_subscribes(
					    b->rules, had->subs[k].filter, had->subs[k].qos))
					mosquitto_unsubscribe(b->m, NULL, had->subs[k].filter);
			if (b->up)
				subscribe(b, had);
			else
				b->subscribed_once = false;
			ruleset_unref(had);
		} else if (l->rule) {
			intake_device(b, l->device, l->rule);
		} else {
			orders_send(b, l);
		}
		letter_free(l);
	}
}

/* Keeps what errno said of a failure. */
static int checked(struct broker *b, int rc)
{
	if (rc == MOSQ_ERR_ERRNO)
		b->error = errno;
	return rc;
}

/* All there is, or as much as one batch should hold. */
static int receive(struct broker *b)
{
	int rc = MOSQ_ERR_SUCCESS;

	for (int k = 0; !rc && k < READ_MAX && b->batch.n < BATCH_MAX; k++) {
		struct pollfd p = { .fd = mosquitto_socket(b->m), .events = POLLIN };

		if (k && (p.fd < 0 || poll(&p, 1, 0) <= 0))
			break;
		rc = checked(b, mosquitto_loop_read(b->m, 1));
	}
	return rc;
}

static int converse(struct broker *b)
{
	int64_t misc = now(b), begun = now(b);
	int rc = MOSQ_ERR_SUCCESS;

	while (!rc && !ending(b)) {
		int fd = mosquitto_socket(b->m);
		short got, events = mosquitto_want_write(b->m) ? POLLIN | POLLOUT : POLLIN;

		if (fd < 0)
			return MOSQ_ERR_CONN_LOST;
		got = wait_for(b, fd, events, TURN_MS);
		if (got & (POLLIN | POLLHUP | POLLERR))
			rc = receive(b);
		/* What was read before the connection broke is good; it comes again if it was not
		 * acknowledged, and is the same then. */
		if (!commit(b))
			return rc ? rc : MOSQ_ERR_CONN_LOST;
		read_letters(b);
		if (!rc && mosquitto_want_write(b->m))
			rc = checked(b, mosquitto_loop_write(b->m, 1));
		if (!rc && now(b) - misc >= TURN_MS) {
			misc = now(b);
			rc = checked(b, mosquitto_loop_misc(b->m));
		}
		orders_expire(b);
		if (!rc && !b->up && !b->failure && now(b) - begun > b->connect_ms)
			b->failure = "no answer in time";
		if (b->failure)
			return MOSQ_ERR_CONN_REFUSED;
	}
	return rc;
}

/* Say good-bye; the session stays. */
static void leave(struct broker *b)
{
	if (!b->up || mosquitto_disconnect(b->m))
		return;
	for (int k = 0; k < 10 && mosquitto_socket(b->m) >= 0 && mosquitto_want_write(b->m); k++)
		if (mosquitto_loop_write(b->m, 1))
			return;
}

/* Why there is no connection, for the status, and for the journal where it is news. */
static void tell_failure(struct broker *b, int rc)
{
	const struct lgw_host *h = b->host;
	char text[sizeof(b->lost)];
	bool news;

	errno = b->error;
	if (!b->failure && rc == MOSQ_ERR_ERRNO && errno)
		snprintf(text, sizeof(text), "%m");
	else
		snprintf(
			text, sizeof(text), "%s", b->failure ? b->failure : mosquitto_strerror(rc));
	news = b->up || strcmp(text, b->lost);
	h->log(h, news ? LGW_LOG_WARNING : LGW_LOG_DEBUG, NULL, "broker %s: %s port %d: %s",
		b->name, b->address, b->port, text);
	memcpy(b->lost, text, sizeof(text));
	state(b, false, "%s port %d: %s", b->address, b->port, text);
	h->count(h, "disconnects", 1);
}

static void connection(struct broker *b)
{
	int rc = prepare(b);

	if (!rc) {
		state(b, false, "connecting to %s port %d", b->address, b->port);
		rc = !b->ipv4 || mosquitto_connect_bind_async(
					 b->m, b->address, b->port, b->keepalive_s, "0.0.0.0");
		if (rc)
			rc = checked(b,
				mosquitto_connect_async(b->m, b->address, b->port, b->keepalive_s));
	}
	if (!rc)
		rc = converse(b);
	b->ipv4 ^= !b->up;
	atomic_store(&b->connected, false);
	/* What was not settled must not be acknowledged: with the good-bye it would be. */
	if (!ending(b))
		tell_failure(b, rc);
	else if (!atomic_load(&b->refused))
		leave(b);
	if (b->up && now(b) - b->up_ms > GOOD_MS)
		b->pause_ms = PAUSE_MIN_MS;
	b->up = false;
	orders_drop(b);
	mosquitto_destroy(b->m);
	b->m = NULL;
}

/* Longer each time, and never in step with others: between half of it and all. */
static void pause_(struct broker *b)
{
	unsigned seed = (unsigned)now(b) ^ (unsigned)(uintptr_t)b;
	int64_t half = b->pause_ms / 2, until = now(b) + half + rand_r(&seed) % (half + 1);

	while (!ending(b) && now(b) < until) {
		wait_for(b, -1, 0, until - now(b));
		read_letters(b); /* commands are told that there is no connection */
	}
	b->pause_ms = b->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : b->pause_ms * 2;
}

static void *run(void *ud)
{
	struct broker *b = ud;

	while (!ending(b)) {
		connection(b);
		if (!ending(b))
			pause_(b);
	}
	/* Commands that came last are answered, too. */
	read_letters(b);
	if (b->host->post(b->host, ended, b))
		b->host->log(b->host, LGW_LOG_ERR, NULL, "broker %s: end not told", b->name);
	return NULL;
}

/* --- life ---------------------------------------------------------------------------------- */

static void copy_tls(struct tls_conf *to, const struct tls_conf *c)
{
	*to = *c;
	to->ca_file = mem_dup(c->ca_file);
	to->ca_path = mem_dup(c->ca_path);
	to->cert_file = mem_dup(c->cert_file);
	to->key_file = mem_dup(c->key_file);
	to->ciphers = mem_dup(c->ciphers);
}

/* Stable over restarts, different between machines and brokers. */
static char *client_id(const struct lgw_host *h, const struct broker_conf *c)
{
	char id[64];

	if (c->client_id)
		return mem_dup(c->client_id);
	snprintf(id, sizeof(id), "lwm2m-gateway-%.12s-%08x", h->machine_id(h),
		(unsigned)mark_of(0, broker_name(c)));
	return mem_dup(id);
}

struct broker *broker_new(const struct lgw_host *h, const struct broker_conf *c,
	struct ruleset *rules, const struct broker_owner *owner, void *ud)
{
	struct broker *b = mem_zero(1, sizeof(*b));
	char beat[64];

	b->host = h;
	b->owner = owner;
	b->ud = ud;
	b->rules = rules;
	b->name = mem_dup(broker_name(c));
	b->address = mem_dup(c->host);
	b->username = mem_dup(c->username);
	b->password = mem_dup(c->password);
	b->client_id = client_id(h, c);
	b->port = broker_port(c);
	b->keepalive_s = (int)(c->keepalive_ms / 1000);
	b->connect_ms = c->connect_timeout_ms;
	b->pause_ms = PAUSE_MIN_MS;
	copy_tls(&b->tls, &c->tls);
	b->inbox_end = &b->inbox;
	pthread_mutex_init(&b->lock, NULL);
	b->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	snprintf(beat, sizeof(beat), "broker %s", b->name);
	b->beat = h->thread_add(h, beat, BEAT_MAX_MS);
	if (b->wake < 0 || pthread_create(&b->thread, NULL, run, b)) {
		h->log(h, LGW_LOG_ERR, NULL, "broker %s: no thread: %m", b->name);
		if (b->beat >= 0)
			h->thread_remove(h, b->beat);
		broker_free(b);
		return NULL;
	}
	return b;
}

void broker_free(struct broker *b)
{
	struct letter *next;

	if (!b)
		return;
	for (struct letter *l = b->inbox; l; l = next) {
		next = l->next;
		ruleset_unref(l->rules);
		letter_free(l);
	}
	intake_free(b);
	if (b->wake >= 0)
		close(b->wake);
	pthread_mutex_destroy(&b->lock);
	mem_wipe(b->password);
	free(b->name);
	free(b->address);
	free(b->username);
	free(b->client_id);
	free(b->tls.ca_file);
	free(b->tls.ca_path);
	free(b->tls.cert_file);
	free(b->tls.key_file);
	free(b->tls.ciphers);
	free(b);
}
