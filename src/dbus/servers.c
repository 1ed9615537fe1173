/* SPDX-License-Identifier: BSD-3-Clause */
/* All servers at a glance: how many clients are registered there, and why others are not. */
#include <stdlib.h>
#include "dbus/state.h"
#include "lwm2m/client.h"
#include "util/mem.h"

struct row {
	struct server_info info; /* of the first client that has it; its texts are loans */
	unsigned clients, registered;
	struct device *without; /* one that is not registered, with an error if there is one */
	int error;
};

struct rows {
	struct row *at;
	size_t n;
};

static struct row *row_of(struct rows *r, const struct server_info *i)
{
	for (size_t k = 0; k < r->n; k++)
		if (r->at[k].info.ssid == i->ssid)
			return &r->at[k];
	r->at = xreallocarray(r->at, r->n + 1, sizeof(*r->at));
	r->at[r->n] = (struct row){ .info = *i };
	return &r->at[r->n++];
}

static void count(struct rows *r, struct device *d)
{
	struct server_info i;

	for (size_t k = 0; client_server_info(device_client(d), k, &i); k++) {
		struct row *row = row_of(r, &i);

		row->clients++;
		if (server_is_registered(i.state)) {
			row->registered++;
		} else if (!row->error) {
			row->without = d;
			row->error = i.last_error;
		}
	}
}

void servers_list(struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	struct rows r = { 0 };
	GVariantBuilder list;
	struct device *d;
	char error[64];
	size_t it = 0;

	(void)none;
	(void)args;
	while ((d = gateway_next(b->gateway, &it)))
		count(&r, d);
	g_variant_builder_init(&list, G_VARIANT_TYPE("a(qssuuss)"));
	for (size_t k = 0; k < r.n; k++) {
		const struct row *row = &r.at[k];

		g_variant_builder_add(&list, "(q@s@suu@ss)", row->info.ssid,
			device_text(row->info.name), device_text(row->info.uri), row->clients,
			row->registered,
			device_text(
				row->without ? client_endpoint(device_client(row->without)) : ""),
			device_error(error, row->error));
	}
	free(r.at);
	g_dbus_method_invocation_return_value(inv, g_variant_new("(a(qssuuss))", &list));
}
