/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Standard objects beside those of maps. The gateway's own client has 4 and 7, and 6 where its
 * place is configured; a device has what the configuration lists: its network is not ours to know.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "gateway/absent.h"
#include "gateway/firmware.h"
#include "gateway/software.h"
#include "gateway/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/num.h"

LOG_MODULE("gateway");

static const struct {
	const char *text;
	uint16_t oid;
} known[] = { { "7", 7 }, { "16", 16 }, { "19", 19 } };

static int oid_of(const char *text)
{
	for (size_t k = 0; k < ARRAY_SIZE(known); k++)
		if (!strcmp(known[k].text, text))
			return known[k].oid;
	return LGW_EINVAL;
}

int standard_check(const struct gateway_params *p, char *text, size_t size)
{
	char *const *ids = p->objects.items;

	for (size_t k = 0; k < p->objects.n; k++)
		if (oid_of(ids[k]) < 0) {
			snprintf(text, size, "devices.objects: \"%s\" is not one of 7, 16, 19",
				ids[k]);
			return LGW_EINVAL;
		}
	return LGW_OK;
}

int gateway_location_parse(const char *text, struct location *out)
{
	double *const to[] = { &out->latitude, &out->longitude, &out->altitude, &out->radius };
	size_t n = 0;

	*out = (struct location){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0 };
	for (; n < 4 && text; n++) {
		size_t len = strcspn(text, ",");
		const char *comma = text[len] ? text + len : NULL;

		while (len && (*text == ' ' || *text == '\t'))
			text++, len--;
		while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
			len--;
		if (num_parse_double(text, len, to[n]))
			return LGW_EINVAL;
		text = comma ? comma + 1 : NULL;
	}
	if (text || n < 2 || !(fabs(out->latitude) <= 90) || !(fabs(out->longitude) <= 180) ||
		out->radius < 0)
		return LGW_EINVAL;
	return LGW_OK;
}

static void stand(struct device *d)
{
	const char *text = d->gateway->params->location;
	struct location l;

	if (!text && d->gateway->params->location_hook)
		return; /* position.c */
	if (!text || gateway_location_parse(text, &l)) {
		dm_object_remove(client_dm(d->client), 6);
		return;
	}
	l.time_ms = timers_wall(d->gateway->env->timers);
	object_location_set(client_objects(d->client), &l);
}

static void complain(const struct device *d, int oid, int r)
{
	if (r)
		log_warning((&(struct log_ctx){ .endpoint = client_endpoint(d->client) }),
			"object %d not made: %s", oid, err_text(r));
}

static void device_objects(struct device *d)
{
	const struct lgw_list *list = &d->gateway->params->objects;
	struct objects *o = client_objects(d->client);
	char *const *ids = list->items;

	if (!d->source) {
		complain(d, 7, object_statistics_add(o));
		stand(d);
		return;
	}
	for (size_t k = 0; k < list->n; k++) {
		int oid = oid_of(ids[k]);

		complain(
			d, oid, oid == 7 ? object_statistics_add(o) : object_add(o, (uint16_t)oid));
	}
}

void device_standard(struct device *d)
{
	device_objects(d);
	device_firmware(d);
	device_software(d);
	if (d->source && (d->fw || d->sw))
		absent_load(d);
	client_recall(d->client, &PATH_ROOT);
}
