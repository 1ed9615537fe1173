/* SPDX-License-Identifier: BSD-3-Clause */
/* What servers wrote of profiles, for the next life of the process: one small thing for each slot.
 */
#include <stdio.h>
#include <string.h>
#include "state.h"

#define LAYOUT  1u
#define BEARERS "bearers"

struct bearers {
	char owner[64]; /* ModemManager's name on the bus: another one gives the same paths anew */
	char paths[PROFILES_MAX][96];
};

struct remembered {
	uint32_t version, size; /* of another make: not taken */
	uint32_t id;
	char factory[65]; /* of the configured profile: what configuration said */
	struct profile_conf c;
};

static const char *name_of(const struct profile *p, char name[LGW_KEEP_NAME_MAX])
{
	snprintf(name, LGW_KEEP_NAME_MAX, "profile-%zu", (size_t)(p - p->m->profiles));
	return name;
}

/* A digest of what the configuration says of its profile. */
static void factory_of(char text[65], const struct modem_conf *c)
{
	char *all = g_strdup_printf("%s\n%s\n%s\n%d\n%d\n%d", c->apn ? c->apn : "",
		c->user ? c->user : "", c->password ? c->password : "", c->auth, c->ip, c->connect);
	char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);

	g_strlcpy(text, digest, 65);
	explicit_bzero(all, strlen(all));
	g_free(all);
	g_free(digest);
}

void profile_remember(const struct profile *p)
{
	struct remembered r;
	char name[LGW_KEEP_NAME_MAX];

	memset(&r, 0, sizeof(r));
	r.version = LAYOUT;
	r.size = sizeof(r);
	r.id = p->id;
	factory_of(r.factory, p->m->conf);
	r.c = p->c;
	if (p->m->host->keep(p->m->host, name_of(p, name), &r, sizeof(r)))
		p->m->host->log(p->m->host, LGW_LOG_WARNING, NULL,
			"profile %u will not outlive this process", p->id);
	explicit_bzero(&r, sizeof(r));
}

void profile_forget(const struct profile *p)
{
	char name[LGW_KEEP_NAME_MAX];

	p->m->host->keep(p->m->host, name_of(p, name), NULL, 0);
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool is_sound(const struct remembered *r)
{
	const struct profile_conf *c = &r->c;
	bool ok = r->version == LAYOUT && r->size == sizeof(*r) && r->id < UINT16_MAX &&
		  ends(r->factory, sizeof(r->factory)) && ends(c->name, sizeof(c->name)) &&
		  ends(c->apn, sizeof(c->apn)) && ends(c->user, sizeof(c->user)) &&
		  ends(c->secret, sizeof(c->secret)) && ends(c->schedule, sizeof(c->schedule)) &&
		  c->auth >= AUTH_PAP && c->auth <= AUTH_NONE && c->pdn >= PDN_IPV4 &&
		  c->pdn <= PDN_IPV4V6;

	for (size_t k = 0; k < VALID_MAX; k++)
		ok = ok && ends(c->valid[k].plmn, sizeof(c->valid[k].plmn));
	return ok;
}

bool profile_recall(struct profile *p, uint16_t *id)
{
	struct remembered r;
	char name[LGW_KEEP_NAME_MAX], factory[65];
	int n = p->m->host->kept(p->m->host, name_of(p, name), &r, sizeof(r));
	bool ok = n == (int)sizeof(r) && is_sound(&r);

	/* The configured one: what is configured by now may be another one. */
	factory_of(factory, p->m->conf);
	ok = ok && (r.id || !strcmp(r.factory, factory)) && (r.id == 0) == (p == p->m->profiles);
	if (ok) {
		p->c = r.c;
		*id = (uint16_t)r.id;
	} else if (n != LGW_ENOENT) {
		profile_forget(p);
	}
	explicit_bzero(&r, sizeof(r));
	return ok;
}

/* --- bearers
 * -------------------------------------------------------------------------------------- */

static void owner_of(const struct modem *m, char *out, size_t size)
{
	char *owner = g_dbus_object_manager_client_get_name_owner(
		G_DBUS_OBJECT_MANAGER_CLIENT(m->manager));

	g_strlcpy(out, owner ? owner : "", size);
	g_free(owner);
}

void bearers_remember(const struct modem *m)
{
	struct bearers b;

	memset(&b, 0, sizeof(b));
	owner_of(m, b.owner, sizeof(b.owner));
	for (size_t k = 0; k < PROFILES_MAX; k++)
		if (m->profiles[k].bearer && m->profiles[k].mine)
			g_strlcpy(b.paths[k], mm_bearer_get_path(m->profiles[k].bearer),
				sizeof(b.paths[k]));
	m->host->keep(m->host, BEARERS, &b, sizeof(b));
}

bool bearer_was_ours(const struct modem *m, const char *path)
{
	struct bearers b;
	char owner[sizeof(b.owner)];
	bool found = false;

	if (m->host->kept(m->host, BEARERS, &b, sizeof(b)) != (int)sizeof(b))
		return false;
	owner_of(m, owner, sizeof(owner));
	b.owner[sizeof(b.owner) - 1] = '\0';
	for (size_t k = 0; k < PROFILES_MAX; k++)
		found = found || !strncmp(b.paths[k], path, sizeof(b.paths[k]));
	return found && *owner && !strcmp(owner, b.owner);
}

static bool is_ours(const struct modem *m, const char *path)
{
	for (size_t k = 0; k < PROFILES_MAX; k++)
		if (m->profiles[k].bearer && m->profiles[k].mine &&
			!strcmp(mm_bearer_get_path(m->profiles[k].bearer), path))
			return true;
	return false;
}

bool bearers_all_ours(const struct modem *m)
{
	const gchar *const *paths = mm_modem_get_bearer_paths(m->modem);

	while (paths && *paths && is_ours(m, *paths))
		paths++;
	return !paths || !*paths;
}

bool bearers_busy(const struct modem *m)
{
	bool busy = m->listing_bearers;

	for (size_t k = 0; k < PROFILES_MAX; k++)
		busy = busy || m->profiles[k].busy;
	return busy;
}
