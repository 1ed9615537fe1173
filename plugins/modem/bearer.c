/* SPDX-License-Identifier: BSD-3-Clause */
/* The connection of a profile: a bearer of ModemManager, made, connected, kept up, and let go. */
#include <stdio.h>
#include <string.h>
#include "state.h"

#define PAUSE_FIRST_S 1
#define PAUSE_MAX_S   300
#define STEADY_MS     60000  /* connected for so long: the next failure is a first one */
#define CALL_MS       200000 /* a network may take three minutes for a connection */

/* --- whether
 * -------------------------------------------------------------------------------------- */

static bool is_roaming(const struct modem *m)
{
	return m->net && mm_modem_3gpp_get_registration_state(m->net) ==
				 MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING;
}

/* Does the profile hold for the network that serves us? */
static bool is_valid_here(const struct profile *p)
{
	const char *code = p->m->net ? mm_modem_3gpp_get_operator_code(p->m->net) : NULL;
	bool any = false;

	for (size_t k = 0; k < VALID_MAX; k++) {
		const char *plmn = p->c.valid[k].plmn;

		if (p->c.valid[k].riid < 0)
			continue;
		any = true;
		if (code && !strncmp(code, plmn, 3) && !strcmp(code + 3, plmn + 4))
			return true;
	}
	return !any;
}

/* Why it may not be connected, whatever the modem says; NULL: it may. */
static const char *forbidden(const struct profile *p)
{
	if (p->leaving || !p->c.enabled)
		return "off";
	if (is_roaming(p->m) && !p->m->conf->data_roaming)
		return "not while roaming";
	return is_valid_here(p) ? NULL : "not valid for this network";
}

/* A modem carries so many at once: the first ones that may be connected. */
static bool has_room(const struct profile *p)
{
	guint max = p->m->modem ? mm_modem_get_max_active_bearers(p->m->modem) : 0, n = 0;

	for (const struct profile *q = p->m->profiles; q < p; q++)
		n += q->used && !forbidden(q);
	return !max || n < max;
}

bool bearers_failing(const struct modem *m)
{
	for (size_t k = 0; k < PROFILES_MAX; k++) {
		const struct profile *p = &m->profiles[k];

		if (p->used && p->c.enabled && !p->connected && has_room(p))
			return true;
	}
	return false;
}

static bool has_network(const struct modem *m)
{
	MMModemState state = m->modem ? mm_modem_get_state(m->modem) : MM_MODEM_STATE_UNKNOWN;

	return state >= MM_MODEM_STATE_REGISTERED && !m->scanning && !m->enabling;
}

/* --- what is told of it
 * --------------------------------------------------------------------------- */

/* One line for all: "default: connected (internet, wwan0); …". */
static void show(struct modem *m)
{
	char text[200] = "";
	size_t at = 0;

	for (size_t k = 0; k < PROFILES_MAX; k++) {
		const struct profile *p = &m->profiles[k];
		const char *interface = p->bearer ? mm_bearer_get_interface(p->bearer) : NULL;

		if (!p->used || at >= sizeof(text) - 1)
			continue;
		if (p->connected)
			g_snprintf(text + at, sizeof(text) - at, "%s%s: connected (%s)",
				at ? "; " : "", p->c.name, interface ? interface : "?");
		else
			g_snprintf(text + at, sizeof(text) - at, "%s%s: %s", at ? "; " : "",
				p->c.name, *p->why ? p->why : "connecting");
		at = strlen(text);
	}
	if (!m->ending)
		m->host->state(m->host, "data", !bearers_failing(m), text);
}

static bool is_ppp(MMBearerIpConfig *ip)
{
	return ip && mm_bearer_ip_config_get_method(ip) == MM_BEARER_IP_METHOD_PPP;
}

const char *bearer_interface(const struct profile *p)
{
	const char *name = mm_bearer_get_interface(p->bearer);

	return name && !is_ppp(mm_bearer_peek_ipv4_config(p->bearer)) &&
			       !is_ppp(mm_bearer_peek_ipv6_config(p->bearer))
		       ? name
		       : "";
}

static void changed(struct profile *p)
{
	show(p->m);
	profile_changed(p);
}

/* It is not connected for this reason; said when it is another one than before. */
static void because(struct profile *p, bool bad, const char *why)
{
	if (!strcmp(p->why, why))
		return;
	g_strlcpy(p->why, why, sizeof(p->why));
	if (bad)
		p->m->host->log(p->m->host, LGW_LOG_WARNING, NULL, "data connection %s: %s",
			p->c.name, why);
	changed(p);
}

/* --- attempts and their results
 * ------------------------------------------------------------------- */

static struct attempt *newest(struct profile *p)
{
	return &p->attempts[(p->nattempts - 1) % ATTEMPTS_MAX];
}

static void attempt_begin(struct profile *p)
{
	p->nattempts++;
	*newest(p) = (struct attempt){ .begin_s = p->m->host->now_wall(p->m->host) / 1000,
		.result = RESULT_PENDING,
		.cause = -1 };
	profile_changed(p);
}

/* ModemManager's number is the cause of 24.008 and 24.301 and a hundred, with exceptions. */
static int cause_of(const GError *err)
{
	if (!err || err->domain != MM_MOBILE_EQUIPMENT_ERROR)
		return -1;
	switch (err->code) {
	case MM_MOBILE_EQUIPMENT_ERROR_OPERATOR_DETERMINED_BARRING:
		return 8;
	case MM_MOBILE_EQUIPMENT_ERROR_PDP_AUTH_FAILURE:
		return 29;
	default:
		return err->code > 101 && err->code <= 147 ? err->code - 100 : -1;
	}
}

static void wait_for(struct profile *p, int64_t s)
{
	p->waits = true;
	p->m->host->timer_set(p->timer, s * 1000);
}

static void retry_later(struct profile *p)
{
	int64_t s = profile_delay_s(p->c.schedule, p->fails);

	if (s < 0)
		s = p->fails < 9 ? PAUSE_FIRST_S << p->fails : PAUSE_MAX_S;
	else if (s < PAUSE_FIRST_S) /* whatever a server wrote */
		s = PAUSE_FIRST_S;
	p->fails++;
	wait_for(p, s);
}

static void failed(struct profile *p, GError *err)
{
	struct attempt *a = newest(p);
	char text[160];

	a->result = RESULT_REJECTED;
	a->cause = cause_of(err);
	if (err)
		g_dbus_error_strip_remote_error(err);
	a->end_s = p->m->host->now_wall(p->m->host) / 1000;
	snprintf(text, sizeof(text), "not connected: %s", err ? err->message : "?");
	p->m->host->count(p->m->host, "data.failed", 1);
	retry_later(p);
	because(p, true, text);
	profile_changed(p);
}

void bearer_retry(void *ud)
{
	struct profile *p = ud;

	p->waits = false;
	bearers_step(p->m);
}

/* --- the bearer
 * ----------------------------------------------------------------------------------- */

static void count_bytes(struct profile *p)
{
	MMBearerStats *s = mm_bearer_peek_stats(p->bearer);

	if (!s)
		return;
	p->sent_now = mm_bearer_stats_get_tx_bytes(s);
	p->received_now = mm_bearer_stats_get_rx_bytes(s);
}

static void came_up(struct profile *p)
{
	const char *interface = mm_bearer_get_interface(p->bearer);

	p->connected = true;
	p->since_ms = now_ms(p->m);
	p->why[0] = '\0';
	if (!p->nattempts || newest(p)->result != RESULT_PENDING)
		attempt_begin(p); /* somebody else's */
	newest(p)->result = RESULT_ACCEPTED;
	p->m->host->log(p->m->host, LGW_LOG_INFO, NULL,
		"data connection %s: connected, APN \"%s\", interface %s", p->c.name, p->c.apn,
		interface ? interface : "?");
}

/* lost: by no wish of ours. */
static void went_down(struct profile *p, bool lost)
{
	const GError *err = p->bearer ? mm_bearer_peek_connection_error(p->bearer) : NULL;
	char text[160];

	p->connected = false;
	p->sent += p->sent_now;
	p->received += p->received_now;
	p->sent_now = p->received_now = 0;
	newest(p)->end_s = p->m->host->now_wall(p->m->host) / 1000;
	if (now_ms(p->m) - p->since_ms >= STEADY_MS)
		p->fails = 0;
	snprintf(text, sizeof(text), "lost%s%s", err ? ": " : "", err ? err->message : "");
	if (!lost || p->m->ending || forbidden(p))
		return;
	if (p->m->scanning) {
		because(p, false, "interrupted to look for missed messages");
	} else {
		p->m->host->count(p->m->host, "data.lost", 1);
		retry_later(p);
		because(p, true, text);
	}
}

static void unwatch(struct profile *p, bool lost)
{
	if (!p->bearer)
		return;
	if (p->connected)
		went_down(p, lost);
	g_signal_handlers_disconnect_by_data(p->bearer, p);
	g_clear_object(&p->bearer);
	p->mine = p->stale = false;
}

/* What the bearer says now. */
static void look(struct profile *p)
{
	bool connected = p->bearer && mm_bearer_get_connected(p->bearer);

	if (connected)
		count_bytes(p);
	if (connected && !p->connected)
		came_up(p);
	else if (!connected && p->connected)
		went_down(p, true);
	if (!connected && p->bearer && !p->mine)
		unwatch(p, true);
	changed(p);
}

static void on_bearer(GObject *bearer, GParamSpec *spec, gpointer ud)
{
	(void)bearer;
	(void)spec;
	look(ud);
	bearer_step(ud);
}

static void watch(struct profile *p, MMBearer *bearer)
{
	p->bearer = bearer; /* ours from now on */
	g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(bearer), CALL_MS);
	g_signal_connect(bearer, "notify", G_CALLBACK(on_bearer), p);
}

/* A call about it ended: what comes next. */
static void ended(struct profile *p)
{
	struct modem *m = p->m;

	p->busy = false;
	bearer_step(p);
	bearers_step(m); /* another one's turn, maybe */
}

static void connected(GObject *bearer, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	bool ok = mm_bearer_connect_finish(MM_BEARER(bearer), res, &err);
	void *ud = NULL;
	struct modem *m = call_end(call, &ud);
	struct profile *p = ud;

	if (m) {
		if (ok)
			look(p);
		else
			failed(p, err);
		if (ok && !p->connected) /* its property is still on the way */
			wait_for(p, PAUSE_FIRST_S);
		ended(p);
	}
	g_clear_error(&err);
}

static void connect_bearer(struct profile *p)
{
	p->busy = true;
	mm_bearer_connect(p->bearer, p->m->cancel, connected, call_new(p->m, p));
	wake();
}

static void created(GObject *modem, GAsyncResult *res, gpointer call)
{
	GError *err = NULL;
	MMBearer *bearer = mm_modem_create_bearer_finish(MM_MODEM(modem), res, &err);
	void *ud = NULL;
	struct modem *m = call_end(call, &ud);
	struct profile *p = ud;

	if (m && bearer) {
		watch(p, g_steal_pointer(&bearer));
		p->mine = true;
		bearers_remember(m);
		if (forbidden(p)) /* by now */
			ended(p);
		else
			connect_bearer(p);
	} else if (m) {
		failed(p, err);
		ended(p);
	}
	g_clear_object(&bearer);
	g_clear_error(&err);
}

static const MMBearerIpFamily families[] = {
	[PDN_IPV4] = MM_BEARER_IP_FAMILY_IPV4,
	[PDN_IPV6] = MM_BEARER_IP_FAMILY_IPV6,
	[PDN_IPV4V6] = MM_BEARER_IP_FAMILY_IPV4V6,
};

static MMBearerProperties *properties_of(const struct profile *p)
{
	static const MMBearerAllowedAuth auth[] = {
		[AUTH_PAP] = MM_BEARER_ALLOWED_AUTH_PAP,
		[AUTH_CHAP] = MM_BEARER_ALLOWED_AUTH_CHAP,
		[AUTH_ANY] = MM_BEARER_ALLOWED_AUTH_PAP | MM_BEARER_ALLOWED_AUTH_CHAP,
		[AUTH_NONE] = MM_BEARER_ALLOWED_AUTH_NONE,
	};
	MMBearerProperties *props = mm_bearer_properties_new();

	mm_bearer_properties_set_apn(props, p->c.apn);
	mm_bearer_properties_set_allowed_auth(props, auth[p->c.auth]);
	if (*p->c.user)
		mm_bearer_properties_set_user(props, p->c.user);
	if (*p->c.secret)
		mm_bearer_properties_set_password(props, p->c.secret);
	mm_bearer_properties_set_ip_type(props, families[p->c.pdn]);
	mm_bearer_properties_set_allow_roaming(props, p->m->conf->data_roaming);
	return props;
}

static void create(struct profile *p)
{
	MMBearerProperties *props = properties_of(p);

	p->busy = true;
	p->stale = false;
	mm_modem_create_bearer(p->m->modem, props, p->m->cancel, created, call_new(p->m, p));
	g_object_unref(props);
	wake();
}

static void deleted(GObject *modem, GAsyncResult *res, gpointer call)
{
	void *ud = NULL;

	mm_modem_delete_bearer_finish(MM_MODEM(modem), res, NULL);
	if (call_end(call, &ud))
		ended(ud);
}

/* Disconnected and gone. */
static void let_go(struct profile *p)
{
	char *path = mm_bearer_dup_path(p->bearer);

	unwatch(p, false);
	p->busy = true;
	mm_modem_delete_bearer(p->m->modem, path, p->m->cancel, deleted, call_new(p->m, p));
	g_free(path);
	wake();
	changed(p);
}

/* --- one step
 * ------------------------------------------------------------------------------------- */

/* Whoever made it: it is ours while we want it. */
static void keep_up(struct profile *p, bool wanted)
{
	if (p->mine || !wanted)
		return;
	p->mine = true;
	bearers_remember(p->m);
}

void bearer_step(struct profile *p)
{
	struct modem *m = p->m;
	const char *no = forbidden(p);

	if (p->busy || m->listing_bearers)
		return;
	if (p->bearer && p->mine && (no || p->stale)) {
		let_go(p);
		return;
	}
	if (p->leaving) {
		unwatch(p, false);
		profile_release(p);
		return;
	}
	if (p->connected) {
		keep_up(p, !no);
		return;
	}
	if (no || !has_network(m)) {
		because(p, false, no ? no : "no network");
		return;
	}
	if (!has_room(p)) {
		because(p, false, "the modem carries no more connections at once");
		return;
	}
	if (p->waits)
		return;
	attempt_begin(p);
	if (p->bearer)
		connect_bearer(p);
	else
		create(p);
}

/* --- those of others, and ours from before a restart
 * ---------------------------------------------- */

static bool is_held(const struct modem *m, MMBearer *bearer)
{
	for (size_t k = 0; k < PROFILES_MAX; k++)
		if (m->profiles[k].bearer && !strcmp(mm_bearer_get_path(m->profiles[k].bearer),
						     mm_bearer_get_path(bearer)))
			return true;
	return false;
}

static bool fits(const struct profile *p, MMBearerProperties *props, bool ours)
{
	const char *apn = mm_bearer_properties_get_apn(props);
	const char *user = mm_bearer_properties_get_user(props);

	if (!ours) /* of somebody else, who may know more of it */
		return p->c.automatic || !g_strcmp0(apn, p->c.apn);
	return !strcmp(apn ? apn : "", p->c.apn) && !strcmp(user ? user : "", p->c.user) &&
	       mm_bearer_properties_get_ip_type(props) == families[p->c.pdn];
}

static void swept(GObject *modem, GAsyncResult *res, gpointer call)
{
	struct modem *m;

	mm_modem_delete_bearer_finish(MM_MODEM(modem), res, NULL);
	m = call_end(call, NULL);
	if (m)
		bearers_step(m);
}

/* A connected one belongs to the first profile that it fits and that has none. One of an earlier
 * life of ours that fits no more goes. */
static void adopt(struct modem *m, MMBearer *bearer)
{
	MMBearerProperties *props = mm_bearer_peek_properties(bearer);
	const char *path = mm_bearer_get_path(bearer);
	bool ours = bearer_was_ours(m, path);

	if (!mm_bearer_get_connected(bearer) || !props || is_held(m, bearer))
		return;
	for (size_t k = 0; k < PROFILES_MAX; k++) {
		struct profile *p = &m->profiles[k];

		if (!p->used || p->bearer || p->busy || !fits(p, props, ours))
			continue;
		p->stale = false;
		watch(p, g_object_ref(bearer));
		p->mine = ours;
		look(p);
		return;
	}
	if (ours)
		mm_modem_delete_bearer(m->modem, path, m->cancel, swept, call_new(m, NULL));
}

static void listed(GObject *modem, GAsyncResult *res, gpointer call)
{
	GList *all = mm_modem_list_bearers_finish(MM_MODEM(modem), res, NULL);
	struct modem *m = call_end(call, NULL);

	if (m) {
		for (GList *l = all; l; l = l->next)
			adopt(m, l->data);
		m->listing_bearers = false;
		bearers_step(m);
	}
	g_list_free_full(all, g_object_unref);
}

/* A modem that is new to us, or connected by somebody, may have some. */
static bool has_unseen(struct modem *m)
{
	bool connected = has_network(m) && mm_modem_get_state(m->modem) == MM_MODEM_STATE_CONNECTED;
	bool unseen = has_network(m) && (!m->bearers_seen || (connected && !m->was_connected));

	m->was_connected = connected;
	m->bearers_seen = m->bearers_seen || unseen;
	return unseen;
}

void bearers_step(struct modem *m)
{
	if (!m->listing_bearers && has_unseen(m)) {
		m->listing_bearers = true;
		mm_modem_list_bearers(m->modem, m->cancel, listed, call_new(m, NULL));
		wake();
		return;
	}
	for (size_t k = 0; k < PROFILES_MAX; k++)
		if (m->profiles[k].used || m->profiles[k].leaving)
			bearer_step(&m->profiles[k]);
	show(m);
}

void bearers_drop(struct modem *m)
{
	m->listing_bearers = m->bearers_seen = m->was_connected = false;
	for (size_t k = 0; k < PROFILES_MAX; k++) {
		struct profile *p = &m->profiles[k];

		if (!p->used && !p->leaving)
			continue;
		p->busy = false;
		unwatch(p, true);
		p->fails = 0; /* the next modem is another matter */
		p->waits = false;
		m->host->timer_set(p->timer, -1);
		if (p->leaving)
			profile_release(p);
		else
			changed(p);
	}
}
