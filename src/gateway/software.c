/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/software.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "gateway/absent.h"
#include "gateway/firmware.h"
#include "gateway/hook.h"
#include "gateway/keep.h"
#include "gateway/parcel.h"
#include "gateway/residue.h"
#include "gateway/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/rd.h"
#include "util/str.h"
#include "util/wr.h"

LOG_MODULE("software");

#define MAGIC 0x4c475301u /* "LGS" and the version of this form */

/* What a package has beside its record. iid PATH_ID_NONE: the one that asks for the list. */
struct bundle {
	struct bundle *next;
	struct sw *all;
	uint16_t iid;
	struct parcel *parcel;
	bool listing;
};

struct sw {
	struct device *device;
	struct software *object;
	struct bundle *bundles;
	char *dir, *hook;
};

#define SW_LOG(w_) (&(struct log_ctx){ .endpoint = client_endpoint((w_)->device->client) })

static const char *const verbs[] = { "", "install", "uninstall", "activate", "deactivate" };

/* --- what survives ------------------------------------------------------------------------- */

size_t sw_encode(const struct software_record *r, uint8_t out[SW_RECORD_MAX])
{
	struct wr w = wr_of(out, SW_RECORD_MAX);

	wr_u32(&w, MAGIC);
	wr_u8(&w, r->state);
	wr_u8(&w, r->result);
	wr_u8(&w, r->job);
	wr_u8(&w, (uint8_t)(r->pull | r->whole << 1 | r->active << 2 | r->announce << 3));
	wr_u16(&w, r->ssid);
	wr_u16(&w, r->component);
	keep_put_text(&w, r->uri);
	keep_put_text(&w, r->user);
	keep_put_text(&w, r->password);
	keep_put_text(&w, r->name);
	keep_put_text(&w, r->version);
	wr_u8(&w, r->ncomponents);
	for (unsigned k = 0; k < r->ncomponents; k++) {
		keep_put_text(&w, r->components[k].name);
		keep_put_text(&w, r->components[k].version);
		wr_u8(&w, r->components[k].active);
	}
	return w.len;
}

static void get_components(struct rd *d, struct software_record *r)
{
	r->ncomponents = rd_u8(d);
	if (r->ncomponents > SOFTWARE_COMPONENTS_MAX)
		rd_fail(d, LGW_EINVAL);
	for (unsigned k = 0; !rd_err(d) && k < r->ncomponents; k++) {
		uint8_t active;

		keep_get_text(d, r->components[k].name);
		keep_get_text(d, r->components[k].version);
		active = rd_u8(d);
		if (active > 1)
			rd_fail(d, LGW_EINVAL);
		r->components[k].active = active;
	}
}

int sw_decode(struct software_record *r, const void *p, size_t len)
{
	struct rd d = rd_of(p, len);
	uint8_t flags;

	*r = (struct software_record){ 0 };
	if (rd_u32(&d) != MAGIC)
		return LGW_EINVAL;
	r->state = rd_u8(&d);
	r->result = rd_u8(&d);
	r->job = rd_u8(&d);
	flags = rd_u8(&d);
	r->pull = flags & 1;
	r->whole = flags & 2;
	r->active = flags & 4;
	r->announce = flags & 8;
	r->ssid = rd_u16(&d);
	r->component = rd_u16(&d);
	keep_get_text(&d, r->uri);
	keep_get_text(&d, r->user);
	keep_get_text(&d, r->password);
	keep_get_text(&d, r->name);
	keep_get_text(&d, r->version);
	get_components(&d, r);
	if (rd_err(&d) || rd_left(&d) || r->state > SOFTWARE_INSTALLED ||
		r->result > SOFTWARE_UNINSTALL_FAILED || r->job > SOFTWARE_DEACTIVATE || flags > 15)
		return LGW_EINVAL;
	return LGW_OK;
}

/* --- hooks --------------------------------------------------------------------------------- */

/* "NAME", a tab, "VERSION", and what else is said. */
static void split(char *text, char *part[3])
{
	for (int k = 0; k < 3; k++) {
		char *tab = text ? strchr(text, '\t') : NULL;

		part[k] = text ? text : (char *)"";
		if (tab)
			*tab = '\0';
		text = tab ? tab + 1 : NULL;
	}
}

static void listed(struct sw *w, char *part[3])
{
	struct software_record r = { .state = SOFTWARE_INSTALLED,
		.result = SOFTWARE_SUCCESS,
		.component = SOFTWARE_COMPONENTS_MAX };
	int iid = LGW_ENOENT;

	for (const struct bundle *b = w->bundles; b; b = b->next) {
		const struct software_record *now = software_now(w->object, b->iid);

		if (now && now->state == SOFTWARE_INSTALLED && !strcmp(now->name, part[0]))
			iid = b->iid;
	}
	r.active = !strcmp(part[2], "active");
	str_copy(r.name, sizeof(r.name), part[0]);
	str_copy(r.version, sizeof(r.version), part[1]);
	if (iid < 0)
		iid = software_restore(w->object, PATH_ID_NONE, &r);
	if (iid >= 0)
		software_package(w->object, (uint16_t)iid, NULL, part[1]);
	else
		log_warning(SW_LOG(w), "package %s of the list is left out: %s", part[0],
			err_text(iid));
}

static void on_told(void *ud, const char *key, const char *value)
{
	struct bundle *b = ud;
	struct software *s = b->all->object;
	char text[1024], *part[3];

	str_copy(text, sizeof(text), value);
	split(text, part);
	for (int k = 0; k < 3; k++) {
		size_t len = strlen(part[k]);

		if (len > SOFTWARE_TEXT_MAX || !str_utf8_valid(part[k], len))
			return;
	}
	if (b->listing && !strcmp(key, "package") && *part[0])
		listed(b->all, part);
	else if (b->listing)
		return;
	else if (!strcmp(key, "name"))
		software_package(s, b->iid, part[0], NULL);
	else if (!strcmp(key, "version"))
		software_package(s, b->iid, NULL, part[0]);
	else if (!strcmp(key, "gone"))
		absent_told(b->all->device, part[0]);
	else if (!strcmp(key, "reason"))
		software_reason(s, b->iid, part[0]);
	else if (!strcmp(key, "component") && *part[0])
		software_component(s, b->iid, part[0], part[1]);
}

static void on_ended(void *ud, enum firmware_result result)
{
	struct bundle *b = ud;

	if (!b->listing)
		software_step(b->all->object, b->iid, result);
}

static void on_vars(void *ud, struct hook_request *r)
{
	const struct bundle *b = ud;
	const struct software_record *now = software_now(b->all->object, b->iid);
	char iid[8];

	parcel_var(r, "LGW_OBJECT", "9");
	if (!now)
		return;
	snprintf(iid, sizeof(iid), "%u", b->iid);
	parcel_var(r, "LGW_INSTANCE", iid);
	parcel_var(r, "LGW_URI", now->uri);
	parcel_var(r, "LGW_NAME", now->name);
	parcel_var(r, "LGW_VERSION", now->version);
	parcel_var(r, "LGW_STEP", verbs[now->job]);
	if (now->component < now->ncomponents)
		parcel_var(r, "LGW_COMPONENT", now->components[now->component].name);
}

static const struct parcel_owner owner = { on_ended, on_told, on_vars };

/* --- packages ------------------------------------------------------------------------------ */

static struct bundle *bundle_get(struct sw *w, uint16_t iid)
{
	struct bundle *b = w->bundles;
	char *dir, job[16];

	while (b && b->iid != iid)
		b = b->next;
	if (b)
		return b;
	b = xcalloc(1, sizeof(*b));
	b->all = w;
	b->iid = iid;
	b->listing = iid == PATH_ID_NONE;
	snprintf(job, sizeof(job), b->listing ? "9-list" : "9-%u", iid);
	dir = xasprintf("%s/" SW_FOLDER "%u", w->dir, iid);
	b->parcel = parcel_new(w->device, dir, w->hook, job, &owner, b);
	free(dir);
	b->next = w->bundles;
	w->bundles = b;
	return b;
}

static void bundle_free(struct bundle *b)
{
	struct bundle **at = &b->all->bundles;

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	parcel_free(b->parcel);
	free(b);
}

static enum firmware_result be_begin(void *ud, uint16_t iid)
{
	return parcel_begin(bundle_get(ud, iid)->parcel);
}

static enum firmware_result be_write(void *ud, uint16_t iid, const uint8_t *p, size_t len)
{
	return parcel_write(bundle_get(ud, iid)->parcel, p, len);
}

static void be_fetch(void *ud, uint16_t iid, const struct software_record *r, bool again)
{
	const struct parcel_source s = { .uri = r->uri,
		.user = r->user,
		.password = r->password,
		.ssid = r->ssid,
		.again = again };

	parcel_fetch(bundle_get(ud, iid)->parcel, &s);
}

static void be_check(void *ud, uint16_t iid, const struct software_record *r)
{
	parcel_check(bundle_get(ud, iid)->parcel, r->uri);
}

static void be_run(void *ud, uint16_t iid, const struct software_record *r, bool again)
{
	parcel_run(bundle_get(ud, iid)->parcel, again ? "resume" : verbs[r->job]);
}

static void be_drop(void *ud, uint16_t iid)
{
	parcel_drop(bundle_get(ud, iid)->parcel);
}

static void be_save(void *ud, uint16_t iid, const struct software_record *r)
{
	struct sw *w = ud;
	const char *dir = parcel_dir(bundle_get(w, iid)->parcel);
	uint8_t buf[SW_RECORD_MAX];
	size_t len = sw_encode(r, buf);

	if (keep_dir(dir) || keep_write(dir, "state", buf, len))
		log_err(SW_LOG(w), "%s/state: %m", dir);
	mem_wipe(buf, len);
	log_info(SW_LOG(w), "package %u (%s %s): state %u, result %u", iid, r->name, r->version,
		r->state, r->result);
}

static void be_removed(void *ud, uint16_t iid)
{
	struct bundle *b = bundle_get(ud, iid);
	char *state = xasprintf("%s/state", parcel_dir(b->parcel));

	unlink(state);
	rmdir(parcel_dir(b->parcel));
	free(state);
	bundle_free(b);
}

static void be_announce(void *ud)
{
	client_update(((struct sw *)ud)->device->client, 0);
}

static const struct software_backend backend = { be_begin, be_write, be_fetch, be_check, be_run,
	be_drop, be_save, be_removed, be_announce };

/* --- coming to be -------------------------------------------------------------------------- */

static void load(struct sw *w, uint16_t iid)
{
	char *dir = xasprintf("%s/" SW_FOLDER "%u", w->dir, iid);
	uint8_t buf[SW_RECORD_MAX];
	struct software_record r;
	int n = keep_read(dir, "state", buf, sizeof(buf));

	if (n >= 0 && !sw_decode(&r, buf, (size_t)n)) {
		bundle_get(w, iid); /* it is one of those that a list is compared with */
		software_restore(w->object, iid, &r);
	} else if (n != LGW_ENOENT) {
		log_err(SW_LOG(w), "%s/state is damaged: the package is forgotten", dir);
	}
	mem_wipe(buf, sizeof(buf));
	free(dir);
}

static void load_all(struct sw *w)
{
	DIR *dir = opendir(w->dir);
	const struct dirent *e;
	uint16_t iid;

	while (dir && (e = readdir(dir)))
		if (str_starts(e->d_name, SW_FOLDER) &&
			!num_parse_u16(e->d_name + strlen(SW_FOLDER),
				strlen(e->d_name) - strlen(SW_FOLDER), &iid))
			load(w, iid);
	if (dir)
		closedir(dir);
}

void device_software(struct device *d)
{
	const struct gateway_params *p = d->gateway->params;
	const char *hook = d->source ? firmware_hook(d, &p->software.rules) : p->software.hook;
	struct sw *w;

	if (d->sw || !hook || !*hook || !d->gateway->parcels)
		return;
	w = d->sw = xcalloc(1, sizeof(*w));
	w->device = d;
	w->hook = xstrdup(hook);
	w->dir = residue_dir(d);
	if (object_software_add(client_objects(d->client), &backend, w, &w->object)) {
		log_warning(SW_LOG(w), "objects 9 and 14 not made: no definitions");
		sw_free(w);
		d->sw = NULL;
		return;
	}
	load_all(w);
	parcel_run(bundle_get(w, PATH_ID_NONE)->parcel, "list");
}

void sw_free(struct sw *w)
{
	if (!w)
		return;
	while (w->bundles)
		bundle_free(w->bundles);
	free(w->dir);
	free(w->hook);
	free(w);
}
