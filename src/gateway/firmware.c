/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/firmware.h"

#include <fnmatch.h>
#include <lgw/firmware.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/absent.h"
#include "gateway/hook.h"
#include "gateway/keep.h"
#include "gateway/parcel.h"
#include "gateway/residue.h"
#include "gateway/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/str.h"
#include "util/wr.h"

LOG_MODULE("firmware");

#define MAGIC 0x4c474601u /* "LGF" and the version of this form */
/* Of /5/0/8: all that fetch knows; without the two that need keys of a server. */
#define PROTOCOLS      0x3f
#define PROTOCOLS_OPEN 0x1d

struct fw {
	struct device *device;
	struct firmware *object;
	struct parcel *parcel;
	struct firmware_record record; /* as it was saved last */
	bool by_plugin, checking;
	/* What the hook said in this run. */
	char name[FIRMWARE_TEXT_MAX + 1], version[FIRMWARE_TEXT_MAX + 1];
	char installed[FIRMWARE_TEXT_MAX + 1]; /* /3/0/3 since an update of ours; or empty */
};

#define FW_LOG(w_) (&(struct log_ctx){ .endpoint = client_endpoint((w_)->device->client) })

/* --- what survives ------------------------------------------------------------------------- */

size_t fw_encode(const struct firmware_record *r, uint8_t out[FW_RECORD_MAX])
{
	struct wr w = wr_of(out, FW_RECORD_MAX);

	wr_u32(&w, MAGIC);
	wr_u8(&w, r->state);
	wr_u8(&w, r->result);
	wr_u8(&w, (uint8_t)(r->pull | r->whole << 1));
	wr_u16(&w, r->ssid);
	keep_put_text(&w, r->uri);
	keep_put_text(&w, r->name);
	keep_put_text(&w, r->version);
	return w.len; /* 777 bytes at most */
}

int fw_decode(struct firmware_record *r, const void *p, size_t len)
{
	struct rd d = rd_of(p, len);
	uint8_t flags;

	*r = (struct firmware_record){ 0 };
	if (rd_u32(&d) != MAGIC)
		return LGW_EINVAL;
	r->state = rd_u8(&d);
	r->result = rd_u8(&d);
	flags = rd_u8(&d);
	r->pull = flags & 1;
	r->whole = flags & 2;
	r->ssid = rd_u16(&d);
	keep_get_text(&d, r->uri);
	keep_get_text(&d, r->name);
	keep_get_text(&d, r->version);
	if (rd_err(&d) || rd_left(&d) || r->state > FIRMWARE_UPDATING ||
		r->result > FIRMWARE_PROTOCOL || flags > 3)
		return LGW_EINVAL;
	return LGW_OK;
}

/* The last record; one that cannot be, or whose image is gone, is as good as none. */
static bool load(struct fw *w)
{
	uint8_t buf[FW_RECORD_MAX];
	int n = keep_read(parcel_dir(w->parcel), "state", buf, sizeof(buf));

	if (n == LGW_ENOENT)
		return false;
	if (n < 0 || fw_decode(&w->record, buf, (size_t)n)) {
		log_err(FW_LOG(w), "%s/state is damaged: firmware update begins anew",
			parcel_dir(w->parcel));
		return false;
	}
	/* While it is installed it belongs to the hook, which may move it away. */
	if (w->record.state == FIRMWARE_DOWNLOADED && !parcel_has_image(w->parcel)) {
		log_err(FW_LOG(w), "%s is gone", parcel_image(w->parcel));
		w->record = (struct firmware_record){ .result = FIRMWARE_INTEGRITY };
	}
	return true;
}

static void save(void *ud, const struct firmware_record *r)
{
	static const char *const states[] = { "idle", "downloading", "downloaded", "updating" };
	struct fw *w = ud;
	uint8_t buf[FW_RECORD_MAX];
	size_t len = fw_encode(r, buf);
	const char *dir = parcel_dir(w->parcel);

	if (keep_dir(dir) || keep_write(dir, "state", buf, len))
		log_err(FW_LOG(w), "%s/state: %m", dir);
	if (r->state != w->record.state || r->result != w->record.result)
		log_notice(FW_LOG(w), "firmware: %s, result %u", states[r->state], r->result);
	w->record = *r;
}

/* --- versions ------------------------------------------------------------------------------ */

/* What the device itself says of its firmware. */
static const char *own_version(const struct device *d)
{
	const char *v =
		d->source ? d->info.firmware_version : d->gateway->params->facts.firmware_version;

	return v ? v : "";
}

/* A version that an update brought holds until the device itself says another one: the file has
 * both, a line each. */
static void load_installed(struct fw *w)
{
	char buf[2 * FIRMWARE_TEXT_MAX + 3], *end;
	int n = keep_read(parcel_dir(w->parcel), "installed", buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = '\0';
	end = strchr(buf, '\n');
	if (!end || strcmp(end + 1, own_version(w->device)))
		return;
	*end = '\0';
	str_copy(w->installed, sizeof(w->installed), buf);
}

static void installed(struct fw *w, const char *version)
{
	char *text = xasprintf("%s\n%.*s", version, FIRMWARE_TEXT_MAX, own_version(w->device));

	str_copy(w->installed, sizeof(w->installed), version);
	if (keep_write(parcel_dir(w->parcel), "installed", text, strlen(text)))
		log_err(FW_LOG(w), "%s/installed: %m", parcel_dir(w->parcel));
	free(text);
	device_show_facts(w->device);
}

const char *fw_version(const struct device *d)
{
	return d->fw && *d->fw->installed ? d->fw->installed : NULL;
}

void fw_told_version(struct device *d)
{
	if (d->fw)
		*d->fw->installed = '\0';
}

/* --- steps --------------------------------------------------------------------------------- */

static void step_ended(struct fw *w, enum firmware_result result)
{
	const char *version = *w->version ? w->version : w->record.version;
	char kept[FIRMWARE_TEXT_MAX + 1];

	if (w->checking && !result && (*w->name || *w->version))
		firmware_package(w->object, w->name, w->version);
	str_copy(kept, sizeof(kept), version);
	if (!w->checking && !result && w->record.state == FIRMWARE_UPDATING && *kept)
		installed(w, kept);
	w->checking = false;
	firmware_step(w->object, result);
}

static void ask_plugin(struct fw *w, enum lgw_firmware_step step)
{
	const struct source *s = w->device->source;
	const struct lgw_firmware_job job = { w->device->id, step, parcel_image(w->parcel) };

	if (!s || s->ops->firmware(s->ud, &job))
		step_ended(w, FIRMWARE_FAILED);
}

static void on_ended(void *ud, enum firmware_result result)
{
	struct fw *w = ud;

	/* Its file is in order: now the plugin looks at it. */
	if (!result && w->checking && w->by_plugin)
		ask_plugin(w, LGW_FIRMWARE_CHECK);
	else
		step_ended(w, result);
}

static void on_told(void *ud, const char *key, const char *value)
{
	struct fw *w = ud;

	if (!strcmp(key, "name"))
		str_printable(w->name, sizeof(w->name), value, strlen(value));
	else if (!strcmp(key, "gone") && !w->checking)
		absent_told(w->device, value);
	else if (!strcmp(key, "version"))
		str_printable(w->version, sizeof(w->version), value, strlen(value));
}

static void on_vars(void *ud, struct hook_request *r)
{
	const struct fw *w = ud;

	parcel_var(r, "LGW_OBJECT", "5");
	parcel_var(r, "LGW_URI", w->record.uri);
	parcel_var(r, "LGW_NAME", w->record.name);
	parcel_var(r, "LGW_VERSION", w->record.version);
}

static const struct parcel_owner owner = { on_ended, on_told, on_vars };

void gateway_firmware_done(struct source *s, const char *id, int result, const char *version)
{
	struct device *d = device_find(s, id);
	struct fw *w = d ? d->fw : NULL;

	if (!w || !w->by_plugin || (!w->checking && w->record.state != FIRMWARE_UPDATING))
		return;
	if (result == FIRMWARE_SUCCESS || result < 0 || result > FIRMWARE_FAILED)
		result = FIRMWARE_FAILED;
	str_copy(w->version, sizeof(w->version), version ? version : "");
	step_ended(w, (enum firmware_result)result);
}

/* --- the back end of object 5 -------------------------------------------------------------- */

static enum firmware_result be_begin(void *ud)
{
	return parcel_begin(((struct fw *)ud)->parcel);
}

static enum firmware_result be_write(void *ud, const uint8_t *p, size_t len)
{
	return parcel_write(((struct fw *)ud)->parcel, p, len);
}

static void be_fetch(void *ud, const struct firmware_record *r, bool again)
{
	const struct parcel_source s = { .uri = r->uri, .ssid = r->ssid, .again = again };

	parcel_fetch(((struct fw *)ud)->parcel, &s);
}

static void forget_told(struct fw *w)
{
	*w->name = *w->version = '\0';
}

static void be_check(void *ud)
{
	struct fw *w = ud;

	forget_told(w);
	w->checking = true;
	parcel_check(w->parcel, w->record.uri);
}

static void be_install(void *ud, const struct firmware_record *r, bool again)
{
	struct fw *w = ud;

	(void)r;
	forget_told(w);
	if (w->by_plugin)
		ask_plugin(w, again ? LGW_FIRMWARE_RESUME : LGW_FIRMWARE_INSTALL);
	else
		parcel_run(w->parcel, again ? "resume" : "install");
}

static void be_drop(void *ud)
{
	struct fw *w = ud;

	w->checking = false;
	parcel_drop(w->parcel);
}

#define BACKEND(protocols_)                                                                   \
	{                                                                                     \
		be_begin, be_write, be_fetch, be_check, be_install, be_drop, save, protocols_ \
	}
static const struct firmware_backend backend = BACKEND(PROTOCOLS);
static const struct firmware_backend backend_open = BACKEND(PROTOCOLS_OPEN);

/* CoAPS goes with the keys of a server. */
static const struct firmware_backend *backend_of(const struct gateway_params *p)
{
	for (size_t k = 0; k < p->nservers; k++)
		if (p->servers[k].account.security != SEC_NONE)
			return &backend;
	return &backend_open;
}

/* --- which devices ------------------------------------------------------------------------- */

const char *firmware_hook(const struct device *d, const struct lgw_list *rules)
{
	const struct firmware_rule *r = rules->items;

	for (size_t k = 0; k < rules->n; k++)
		if ((!r[k].source || !strcmp(r[k].source, d->source->name)) &&
			!fnmatch(r[k].device, d->id, FNM_NOESCAPE))
			return r[k].hook;
	return NULL;
}

int firmware_check(
	const char *group, const char *hook, const struct lgw_list *rules, char *text, size_t size)
{
	const struct firmware_rule *r = rules->items;
	const char *bad = hook && *hook && !hook_name_valid(hook) ? hook : NULL;

	for (size_t k = 0; k < rules->n; k++)
		if (*r[k].hook && !hook_name_valid(r[k].hook))
			bad = r[k].hook;
	if (!bad)
		return LGW_OK;
	snprintf(text, size, "%s: \"%s\" is no name of a hook: letters, digits, '-' and '_'", group,
		bad);
	return LGW_EINVAL;
}

static void make(struct device *d, const char *hook, bool by_plugin)
{
	char *dir = residue_dir(d);
	struct fw *w = xcalloc(1, sizeof(*w));
	bool known;
	int r;

	w->device = d;
	w->by_plugin = by_plugin;
	w->parcel = parcel_new(d, dir, hook, "5", &owner, w);
	d->fw = w;
	known = w->parcel && load(w);
	r = w->parcel
		    ? object_firmware_add(client_objects(d->client), backend_of(d->gateway->params),
			      w, known ? &w->record : NULL, &w->object)
		    : LGW_ENOTSUP;
	if (r) {
		log_warning(FW_LOG(w), "object 5 not made: %s", err_text(r));
		fw_free(w);
		d->fw = NULL;
	} else {
		load_installed(w);
		if (*w->installed)
			device_show_facts(d);
	}
	free(dir);
}

void device_firmware(struct device *d)
{
	const struct firmware_params *p = &d->gateway->params->firmware;
	const char *hook = d->source ? firmware_hook(d, &p->rules) : p->hook;
	const struct source *s = d->source;

	if (d->fw)
		return;
	if (hook && *hook)
		make(d, hook, false);
	else if (!hook && s && s->ops->firmware_offers && s->ops->firmware_offers(s->ud, d->id))
		make(d, NULL, true);
}

void fw_free(struct fw *w)
{
	if (!w)
		return;
	parcel_free(w->parcel);
	free(w);
}
