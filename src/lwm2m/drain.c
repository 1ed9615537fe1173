/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/drain.h"
#include "codec/codec.h"
#include "lwm2m/regist.h"
#include "lwm2m/report.h"
#include "lwm2m/represent.h"
#include "lwm2m/shared.h"
#include "store/store.h"
#include "util/err.h"

LOG_MODULE("lwm2m");

static bool timed(const struct observation *o)
{
	const struct codec_ops *ops = codec_find(o->format);

	return ops && ops->timed;
}

static bool history(const struct observation *o)
{
	enum history_mode mode = o->server->conf->p.history;

	/* While nobody observes it, nobody knows in what format it will be asked for. */
	return mode == HISTORY_ALL || (mode == HISTORY_AUTO && (!o->observer || timed(o)));
}

bool drain_timed(const struct observation *o)
{
	enum history_mode mode = o->server->conf->p.history;

	return mode != HISTORY_LATEST && (timed(o) || (mode == HISTORY_AUTO && !o->observer));
}

void drain_keep(struct observation *o, const struct path *p, const struct value *v, int64_t time_ms)
{
	struct server *s = o->server;
	struct record r = { .path = *p, .value = *v, .time_ms = time_ms };
	char text[PATH_TEXT_MAX];

	if (!r.time_ms)
		r.time_ms = timers_wall(client_timers(s->client));
	store_begin(s->client->env->store);
	if (!history(o) && line_count(o->line))
		line_remove(o->line, line_newest(o->line), LINE_REPLACED);
	if (line_append(o->line, &r))
		log_warning(
			SERVER_LOG(s), "reading of %s is too large to be kept", path_text(text, p));
	store_end(s->client->env->store);
}

bool drain_takes(struct observation *o)
{
	if (!o->line || (!line_count(o->line) && !o->server->silent))
		return false;
	o->pending = true;
	o->ripe = true;
	o->due_ms = NEVER;
	return true;
}

/* --- messages ------------------------------------------------------------------------------ */

struct batch {
	struct encoder e;
	struct observation *o;
	size_t limit; /* bytes of a message, about */
	unsigned n;
	bool numeric, more;
	double number;
};

static int batch_record(void *ud, const struct record *r)
{
	struct batch *b = ud;
	char text[PATH_TEXT_MAX];
	int e;

	if (b->n && (!b->e.times || b->e.w->len >= b->limit)) {
		b->more = true;
		return LINE_ENOUGH;
	}
	if (!dm_readable(b->o->server->client->dm, b->o->server->ssid, &r->path))
		return LGW_OK;
	e = codec_add(&b->e, r);
	if (e) { /* the format is another one than when it was kept */
		log_warning(SERVER_LOG(b->o->server), "stored reading of %s dropped: %s",
			path_text(text, &r->path), err_text(e));
		return LGW_OK;
	}
	b->n++;
	if (path_eq(&r->path, &b->o->key.path))
		b->numeric = represent_number(&r->value, &b->number);
	return LGW_OK;
}

/* Readings with their times, as many as fill a block. */
static int encode_history(struct observation *o, struct representation *rep)
{
	struct server *s = o->server;
	struct wr *w = shared_body(s->client->env->clients);
	const struct codec_ops *ops = codec_find(o->format);
	struct batch b = { .o = o, .limit = s->conf->p.session.block_size * 3 / 4 };
	int r = ops ? codec_begin(&b.e, ops, o->format, &o->key.path, w) : LGW_EACCEPT;

	if (r)
		return r;
	b.e.times = ops->timed;
	r = line_page(o->line, batch_record, &b, &o->flight);
	r = r ? r : codec_end(&b.e);
	o->more = b.more;
	if (!r && !b.n)
		r = LGW_ENOENT;
	*rep = (struct representation){ .format = o->format,
		.p = w->p,
		.len = w->len,
		.total = w->len,
		.numeric = b.numeric,
		.number = b.number };
	return r;
}

/* The state as it is now stands for all that came before. */
static int encode_latest(struct observation *o, struct representation *rep)
{
	o->flight = line_newest(o->line);
	o->more = false;
	return represent(o->server, &o->key.path, o->format, 0, rep);
}

static int notify(struct observation *o, const struct representation *rep)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_NON, COAP_205);
	represent_put(rep, &m);
	return observer_notify(o->observer, &m, NOTIFY_CON);
}

static void delivered(struct observation *o)
{
	line_remove(o->line, o->flight, LINE_DELIVERED);
	if (o->more)
		return;
	o->ripe = false;
	o->pending = line_count(o->line) > 0;
	report_plan(o);
}

static int drain_one(struct observation *o)
{
	struct server *s = o->server;
	struct representation rep;
	int r = history(o) ? encode_history(o, &rep) : encode_latest(o, &rep);

	r = r ? r : notify(o, &rep);
	if (r == LGW_EUNAVAIL)
		return r;
	if (r) {
		/* Not to be had in this format, or not readable (any more) by this server. */
		char path[PATH_TEXT_MAX];
		bool unread = r == LGW_EIO; /* with the next reading they are tried again */

		log_warning(SERVER_LOG(s), "stored readings of %s %s: %s",
			path_text(path, &o->key.path), unread ? "cannot be read now" : "dropped",
			err_text(r));
		if (o->flight && !unread)
			line_remove(o->line, o->flight, LINE_DROPPED);
		o->ripe = o->ripe && o->flight && !unread && line_count(o->line);
		return r;
	}
	s->notifications++;
	o->notified = true;
	o->burst = false;
	o->last_ms = client_now(s->client);
	o->numeric = o->numeric || rep.numeric;
	if (rep.numeric)
		o->sent = rep.number;
	s->flight = o;
	return LGW_OK;
}

static struct observation *oldest(const struct server *s)
{
	struct observation *best = NULL;

	for (struct observation *o = s->observations; o; o = o->next)
		if (o->observer && o->ripe && o->line && line_count(o->line) &&
			(!best || line_oldest(o->line) < line_oldest(best->line)))
			best = o;
	return best;
}

void drain(struct server *s)
{
	struct observation *o;
	int r;

	if (!s->registered || s->silent || !session_is_up(s->session))
		return;
	if (s->flight && !observer_idle(s->flight->observer))
		return;
	s->flight = NULL;
	while (!s->flight && (o = oldest(s))) {
		if (!dm_readable(s->client->dm, s->ssid, &o->key.path)) {
			/* The right was withdrawn meanwhile (§7.3.2.5): report says so. */
			o->ripe = false;
			o->pending = true;
			report_plan(o);
			continue;
		}
		r = drain_one(o);
		if (r == LGW_EUNAVAIL) { /* no number for it at present (OSCORE) */
			regist_doubt(s);
			return;
		}
	}
}

void drain_acked(struct observation *o, int status)
{
	struct server *s = o->server;
	bool ours = s->flight == o;

	if (ours)
		s->flight = NULL;
	if (status) {
		o->pending = true;
		regist_doubt(s);
		return;
	}
	if (ours && o->line)
		delivered(o);
	drain(s);
}
