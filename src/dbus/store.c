/* SPDX-License-Identifier: BSD-3-Clause */
/* What waits in the store, as the manager shows it. */
#include "dbus/state.h"
#include "store/store.h"
#include "util/err.h"

static void put(GVariantBuilder *list, const char *name, GVariant *v)
{
	g_variant_builder_add(list, "{sv}", name, v);
}

void store_get(struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	struct store *store = gateway_store(b->gateway);
	struct store_status s = { 0 };
	GVariantBuilder list;

	(void)none;
	(void)args;
	if (store)
		store_status(store, &s);
	g_variant_builder_init(&list, G_VARIANT_TYPE("a{sv}"));
	put(&list, "Records", g_variant_new_uint64(s.records));
	put(&list, "Bytes", g_variant_new_uint64(s.bytes));
	put(&list, "MaxRecords", g_variant_new_uint64(s.max_records));
	put(&list, "MaxBytes", g_variant_new_uint64(s.max_bytes));
	put(&list, "Appended", g_variant_new_uint64(s.appended));
	put(&list, "Delivered", g_variant_new_uint64(s.delivered));
	put(&list, "Dropped", g_variant_new_uint64(s.dropped));
	put(&list, "Pending", g_variant_new_uint64(s.pending));
	put(&list, "Oldest", g_variant_new_int64(s.oldest_ms));
	put(&list, "InRate", g_variant_new_double(s.in_per_s));
	put(&list, "OutRate", g_variant_new_double(s.out_per_s));
	put(&list, "TimeToFull", g_variant_new_double(s.full_s));
	put(&list, "TimeToDrain", g_variant_new_double(s.empty_s));
	put(&list, "Failing", g_variant_new_boolean(s.failing));
	put(&list, "Persistent", g_variant_new_boolean(store && store_survives(store)));
	g_dbus_method_invocation_return_value(inv, g_variant_new("(a{sv})", &list));
}

void store_flush(struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	struct device *d;
	size_t it = 0;

	(void)none;
	(void)args;
	while ((d = gateway_next(b->gateway, &it)))
		client_update(device_client(d), 0);
	g_dbus_method_invocation_return_value(inv, NULL);
}

void store_drop_all(struct bus *b, struct device *none, GVariant *args, GDBusMethodInvocation *inv)
{
	struct store *store = gateway_store(b->gateway);
	const char *endpoint;
	uint64_t n;

	(void)none;
	g_variant_get(args, "(&s)", &endpoint);
	if (*endpoint && !gateway_find(b->gateway, endpoint) &&
		!(store && store_knows(store, endpoint))) {
		methods_fail(inv, LGW_ENOENT, NULL);
		return;
	}
	n = store ? store_drop(store, *endpoint ? endpoint : NULL) : 0;
	g_dbus_method_invocation_return_value(inv, g_variant_new("(t)", n));
}
