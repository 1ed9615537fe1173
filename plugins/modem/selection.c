/* SPDX-License-Identifier: BSD-3-Clause */
#include "selection.h"

#include <string.h>
#include "state.h"

enum { RES_BEARERS = 0, RES_OPERATORS = 6, RES_ONLY = 7, RES_FOUND = 8 };
/* Of /13/0/0. */
enum { AUTO = 0, PS_3GPP = 1, GSM = 2, UMTS = 3, LTE = 4, NR = 16 };

#define KEPT     "selection"
#define AGAIN_MS 60000

/* The best first, where the modem says nothing of what it prefers. */
static const struct {
	int32_t bearer;
	MMModemMode mode;
} modes[] = { { NR, MM_MODEM_MODE_5G }, { LTE, MM_MODEM_MODE_4G }, { UMTS, MM_MODEM_MODE_3G },
	{ GSM, MM_MODEM_MODE_2G } };

static MMModemMode mode_of(int32_t bearer)
{
	for (size_t k = 0; k < G_N_ELEMENTS(modes); k++)
		if (modes[k].bearer == bearer)
			return modes[k].mode;
	return MM_MODEM_MODE_NONE;
}

static bool bearer_valid(int64_t bearer)
{
	return bearer == AUTO || bearer == PS_3GPP ||
	       (bearer > 0 && bearer <= NR && mode_of((int32_t)bearer) != MM_MODEM_MODE_NONE);
}

/* --- what is told ------------------------------------------------------------------------------
 */

static struct lgw_setting setting(uint16_t resource, int32_t index, struct lgw_value v)
{
	return (struct lgw_setting){ LGW_BEARER_SELECTION, 0, resource, index, v };
}

static struct lgw_value text(const char *s)
{
	return (struct lgw_value){ LGW_TEXT, { .s = { s, strlen(s) } } };
}

static void tell(struct modem *m)
{
	const struct selection_conf *c = &m->selection.c;
	struct lgw_setting s[BEARERS_MAX + 4];
	size_t n = 0;

	for (size_t k = 0; k < BEARERS_MAX; k++)
		if (c->bearer[k] >= 0)
			s[n++] = setting(RES_BEARERS, c->riid[k],
				(struct lgw_value){ LGW_INT, { .i = c->bearer[k] } });
	s[n++] = setting(RES_OPERATORS, LGW_SINGLE, text(c->operators));
	s[n++] = setting(RES_ONLY, LGW_SINGLE, (struct lgw_value){ LGW_BOOL, { .b = c->only } });
	s[n++] = setting(RES_FOUND, LGW_SINGLE, text(m->selection.found));
	m->host->cellular_set(m->host, s, n);
}

static void no_bearers(struct selection_conf *c)
{
	for (size_t k = 0; k < BEARERS_MAX; k++)
		c->bearer[k] = -1;
}

/* What the modem uses, while no server has chosen. */
static void look(struct modem *m)
{
	struct selection_conf c = m->selection.c;
	MMModemMode allowed, preferred;
	size_t n = 0;

	if (c.chosen || !mm_modem_get_current_modes(m->modem, &allowed, &preferred))
		return;
	no_bearers(&c);
	for (int first = 1; first >= 0; first--)
		for (size_t k = 0; k < G_N_ELEMENTS(modes); k++)
			if (allowed & modes[k].mode && (preferred == modes[k].mode) == first &&
				allowed != MM_MODEM_MODE_ANY)
				c.bearer[n++] = modes[k].bearer;
	if (!n)
		c.bearer[n++] = AUTO;
	for (size_t k = 0; k < BEARERS_MAX; k++) {
		struct lgw_setting gone =
			setting(RES_BEARERS, c.riid[k], (struct lgw_value){ .type = LGW_NULL });

		if (m->selection.c.bearer[k] >= 0 && c.bearer[k] < 0)
			m->host->cellular_set(m->host, &gone, 1);
		c.riid[k] = (int32_t)k;
	}
	if (!memcmp(&c, &m->selection.c, sizeof(c)))
		return;
	m->selection.c = c;
	tell(m);
}

/* --- technologies ------------------------------------------------------------------------------
 */

struct wish {
	MMModemMode allowed, preferred; /* ANY: all that the modem can */
};

/* In the order of the instances: the first is preferred, and with AUTO among them all others are
 * allowed, too. */
static struct wish wish_of(const struct selection_conf *c)
{
	struct wish w = { MM_MODEM_MODE_NONE, MM_MODEM_MODE_NONE };
	int32_t last = -1;
	bool any = false;
	size_t n = 0;

	for (;;) {
		size_t next = BEARERS_MAX;

		for (size_t k = 0; k < BEARERS_MAX; k++)
			if (c->bearer[k] >= 0 && c->riid[k] > last &&
				(next == BEARERS_MAX || c->riid[k] < c->riid[next]))
				next = k;
		if (next == BEARERS_MAX)
			break;
		last = c->riid[next];
		any = any || c->bearer[next] <= PS_3GPP;
		w.allowed |= mode_of(c->bearer[next]);
		if (!n++)
			w.preferred = mode_of(c->bearer[next]);
	}
	if (n == 1)
		w.preferred = MM_MODEM_MODE_NONE;
	if (any || !n)
		w.allowed = MM_MODEM_MODE_ANY;
	return w;
}

static int bits(MMModemMode m)
{
	return __builtin_popcount((unsigned)m & ~(unsigned)MM_MODEM_MODE_CS);
}

/* How well a combination of the modem is what is wished; 0: not at all. */
static int fit(const struct wish *w, const MMModemModeCombination *c)
{
	MMModemMode allowed = c->allowed & ~(unsigned)MM_MODEM_MODE_CS;

	if (w->allowed != MM_MODEM_MODE_ANY && allowed != w->allowed)
		return 0;
	if (c->preferred != MM_MODEM_MODE_NONE && c->preferred != w->preferred)
		return 0;
	return 1 + 2 * bits(allowed) + (c->preferred == w->preferred);
}

/* LGW_EINVAL: the modem cannot be told so; LGW_EUNAVAIL: there is none. */
static int combine(struct modem *m, const struct selection_conf *c, MMModemModeCombination *out)
{
	struct wish w = wish_of(c);
	MMModemModeCombination *all = NULL;
	guint n = 0;
	int best = 0;

	if (!m->modem || m->stuck || !mm_modem_get_supported_modes(m->modem, &all, &n))
		return LGW_EUNAVAIL;
	for (guint k = 0; k < n; k++)
		if (fit(&w, &all[k]) > best) {
			best = fit(&w, &all[k]);
			*out = all[k];
		}
	g_free(all);
	return best ? LGW_OK : LGW_EINVAL;
}

static void commit(struct modem *m)
{
	struct selection *s = &m->selection;
	bool networks = s->next.only != s->c.only || strcmp(s->next.operators, s->c.operators) != 0;

	s->c = s->next;
	m->host->keep(m->host, KEPT, &s->c, sizeof(s->c));
	if (!networks)
		return;
	s->networks_asked = false;
	s->changed = s->stale = true;
	m->host->timer_set(s->timer, 0);
}

static void modes_set(GObject *modem, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	bool ok = mm_modem_set_current_modes_finish(MM_MODEM(modem), res, &err);
	struct modem *m = call_end(call, NULL);

	if (m) {
		uint64_t id = m->selection.id;

		m->selection.busy = false;
		m->selection.id = 0;
		if (!ok)
			m->host->log(m->host, LGW_LOG_WARNING, NULL, "technologies not chosen: %s",
				err->message);
		else if (id)
			commit(m);
		if (id)
			m->host->cellular_done(m->host, id, ok ? LGW_OK : LGW_EREFUSED);
		selection_step(m);
	}
	g_clear_error(&err);
}

static void set_modes(struct modem *m, const MMModemModeCombination *c)
{
	m->selection.busy = true;
	mm_modem_set_current_modes(
		m->modem, c->allowed, c->preferred, m->cancel, modes_set, call_new(m, NULL));
	wake();
}

/* --- networks ----------------------------------------------------------------------------------
 */

static bool operators_valid(const char *s)
{
	size_t n = 0;

	for (; *s; s += *s == ',') {
		size_t digits = strspn(s, "0123456789");

		if (digits < 5 || digits > 6 || ++n > OPERATORS_MAX)
			return false;
		s += digits;
		if (*s && (*s != ',' || !s[1]))
			return false;
	}
	return true;
}

static void registered(GObject *net, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	bool ok = mm_modem_3gpp_register_finish(MM_MODEM_3GPP(net), res, &err);
	void *ud;
	struct modem *m = call_end(call, &ud);
	char *name = ud;

	if (m) {
		m->selection.busy = false;
		if (!ok)
			m->host->log(m->host, LGW_LOG_INFO, NULL, "network %s not used: %s",
				*name ? name : "of the modem's choice", err->message);
		if (m->selection.stale) {
			m->selection.at = 0;
		} else if (ok || !*name) {
			m->selection.networks_asked = true;
			m->selection.changed = false;
		} else {
			m->selection.at++;
		}
		selection_step(m);
	}
	g_free(name);
	g_clear_error(&err);
}

/* The next one of the list; behind its end any one, or after a pause the first one again. */
static void try_network(struct modem *m)
{
	struct selection *s = &m->selection;
	char **list = g_strsplit(s->c.operators, ",", -1);
	const char *name = s->at < g_strv_length(list) ? list[s->at] : "";

	if (!*name && *s->c.operators && s->c.only) {
		m->host->log(m->host, LGW_LOG_WARNING, NULL,
			"none of the allowed networks can be used: %s", s->c.operators);
		s->waits = true;
		m->host->timer_set(s->timer, AGAIN_MS);
	} else {
		s->busy = true;
		s->stale = false;
		mm_modem_3gpp_register(
			m->net, name, m->cancel, registered, call_new(m, g_strdup(name)));
		wake();
	}
	g_strfreev(list);
}

static void again(void *ud)
{
	struct modem *m = ud;

	m->selection.waits = false;
	m->selection.at = 0;
	selection_step(m);
}

/* --- the scan ----------------------------------------------------------------------------------
 */

static void scans_done(struct modem *m, int status)
{
	while (m->selection.nscans)
		m->host->cellular_done(m->host, m->selection.scans[--m->selection.nscans], status);
}

static void scanned(GObject *net, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	GList *all = mm_modem_3gpp_scan_finish(MM_MODEM_3GPP(net), res, &err);
	struct modem *m = call_end(call, NULL);
	GString *found = g_string_new(NULL);

	for (GList *l = all; l; l = l->next) {
		const char *code = mm_modem_3gpp_network_get_operator_code(l->data);

		if (code && found->len + strlen(code) + 2 < sizeof(m->selection.found))
			g_string_append_printf(found, "%s%s", found->len ? "," : "", code);
	}
	if (m && err) {
		m->host->log(m->host, LGW_LOG_INFO, NULL, "networks not scanned: %s", err->message);
		scans_done(m, LGW_EUNAVAIL);
	} else if (m) {
		g_strlcpy(m->selection.found, found->str, sizeof(m->selection.found));
		tell(m);
		scans_done(m, LGW_OK);
	}
	g_string_free(found, TRUE);
	g_clear_error(&err);
	g_list_free_full(all, (GDestroyNotify)mm_modem_3gpp_network_free);
}

/* Only who asks for it alone has it done: it takes a minute, and the network away meanwhile. */
int selection_refresh(struct modem *m, uint64_t id, int32_t instance, int32_t resource)
{
	struct selection *s = &m->selection;

	if (instance != 0 || resource != RES_FOUND)
		return LGW_OK;
	if (!machine_registered(m) || !m->net || m->scanning || s->nscans == SCANS_MAX)
		return LGW_EUNAVAIL;
	s->scans[s->nscans++] = id;
	if (s->nscans == 1)
		mm_modem_3gpp_scan(m->net, m->cancel, scanned, call_new(m, NULL));
	wake();
	return LGW_PENDING;
}

/* --- what servers write ------------------------------------------------------------------------
 */

static int take_bearer(struct selection_conf *c, const struct lgw_setting *s)
{
	size_t at = BEARERS_MAX;

	for (size_t k = 0; k < BEARERS_MAX; k++) {
		if (s->index == LGW_SINGLE || c->riid[k] == s->index)
			c->bearer[k] = -1; /* goes, or is written anew */
		if (c->bearer[k] < 0 && at == BEARERS_MAX)
			at = k;
	}
	c->chosen = true;
	if (s->value.type == LGW_NULL)
		return LGW_OK;
	if (at == BEARERS_MAX || s->value.type != LGW_INT || s->index < 0 ||
		!bearer_valid(s->value.u.i))
		return LGW_EINVAL;
	c->riid[at] = s->index;
	c->bearer[at] = (int32_t)s->value.u.i;
	return LGW_OK;
}

static int take(struct selection_conf *c, const struct lgw_setting *s)
{
	const struct lgw_value *v = &s->value;
	size_t len = v->type == LGW_TEXT ? v->u.s.len : 0;

	switch (s->resource) {
	case RES_BEARERS:
		return take_bearer(c, s);
	case RES_OPERATORS:
		if (len >= sizeof(c->operators) || (len && memchr(v->u.s.p, '\0', len)))
			return LGW_EINVAL;
		memset(c->operators, 0, sizeof(c->operators));
		if (len)
			memcpy(c->operators, v->u.s.p, len);
		return operators_valid(c->operators) ? LGW_OK : LGW_EINVAL;
	case RES_ONLY:
		c->only = v->type == LGW_BOOL && v->u.b;
		return LGW_OK;
	default:
		return LGW_ENOENT;
	}
}

/* The whole set on a copy. combination: what the modem is to be told then, if *modes. */
static int merge(struct modem *m, struct selection_conf *c, const struct lgw_setting *s, size_t n,
	MMModemModeCombination *combination, bool *modes_too)
{
	int r = m->selection.id ? LGW_EUNAVAIL : LGW_OK; /* one after the other */

	*c = m->selection.c;
	*modes_too = false;
	for (size_t k = 0; k < n && !r; k++) {
		r = take(c, &s[k]);
		*modes_too = *modes_too || s[k].resource == RES_BEARERS;
	}
	return !r && *modes_too ? combine(m, c, combination) : r;
}

int selection_check(struct modem *m, const struct lgw_setting *s, size_t n)
{
	struct selection_conf c;
	MMModemModeCombination combination;
	bool modes_too;

	return merge(m, &c, s, n, &combination, &modes_too);
}

int selection_apply(struct modem *m, uint64_t id, const struct lgw_setting *s, size_t n)
{
	MMModemModeCombination combination;
	bool modes_too;
	int r = merge(m, &m->selection.next, s, n, &combination, &modes_too);

	if (r)
		return r;
	if (!modes_too) {
		commit(m);
		return LGW_OK;
	}
	if (m->selection.busy)
		return LGW_EUNAVAIL;
	m->selection.id = id;
	set_modes(m, &combination);
	return LGW_PENDING;
}

/* --- its life ----------------------------------------------------------------------------------
 */

/* A modem that is new to us, or was enabled anew, is told what was chosen. */
void selection_step(struct modem *m)
{
	struct selection *s = &m->selection;
	MMModemModeCombination c;

	if (!m->modem || m->stuck)
		return;
	look(m);
	if (s->busy || m->scanning || mm_modem_get_state(m->modem) < MM_MODEM_STATE_ENABLED)
		return;
	if (!s->modes_asked) {
		s->modes_asked = true;
		if (s->c.chosen && !combine(m, &s->c, &c)) {
			set_modes(m, &c);
			return;
		}
	}
	if (!s->networks_asked && !s->waits && m->net && (*s->c.operators || s->changed))
		try_network(m);
}

/* What an earlier life kept may be damaged. */
static bool conf_valid(const struct selection_conf *c)
{
	for (size_t k = 0; k < BEARERS_MAX; k++)
		if (c->bearer[k] != -1 &&
			(!bearer_valid(c->bearer[k]) || c->riid[k] < 0 || c->riid[k] > G_MAXUINT16))
			return false;
	return memchr(c->operators, '\0', sizeof(c->operators)) && operators_valid(c->operators);
}

void selection_begin(struct modem *m)
{
	struct selection *s = &m->selection;

	s->timer = m->host->timer_new(m->host, again, m);
	if (m->host->kept(m->host, KEPT, &s->c, sizeof(s->c)) != sizeof(s->c) ||
		!conf_valid(&s->c)) {
		memset(&s->c, 0, sizeof(s->c));
		no_bearers(&s->c);
	}
	s->networks_asked = false;
	tell(m);
}

void selection_end(struct modem *m)
{
	m->host->timer_free(m->selection.timer);
}

void selection_drop(struct modem *m)
{
	struct selection *s = &m->selection;
	uint64_t id = s->id;

	s->busy = s->modes_asked = s->networks_asked = s->waits = false;
	s->id = s->at = 0;
	m->host->timer_set(s->timer, -1);
	scans_done(m, LGW_EUNAVAIL);
	if (id)
		m->host->cellular_done(m->host, id, LGW_EUNAVAIL);
}
