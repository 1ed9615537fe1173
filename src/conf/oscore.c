/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two contexts of OSCORE that encrypt with one key would repeat its nonces (RFC 8613 §3.3). As far
 * as it can be told without knowing the devices: two samples stand for them.
 */
#include "conf/oscore.h"

#include <stdio.h>
#include <string.h>
#include "conf/schema.h"
#include "conf/servers.h"
#include "gateway/keys.h"
#include "gateway/names.h"

static const struct name_parts one = { .endpoint = "e", .device = "d" };
static const struct name_parts other = { .endpoint = "f", .device = "g" };

static bool bytes_eq(const struct oscore_bytes *a, const struct oscore_bytes *b)
{
	return a->len == b->len && !memcmp(a->p, b->p, a->len);
}

/* Of either end, since a context has a key for each way. */
static bool share_a_key(const struct oscore_cred *x, const struct oscore_cred *y)
{
	const struct oscore_params *a = &x->p, *b = &y->p;

	return bytes_eq(&a->secret, &b->secret) && bytes_eq(&a->salt, &b->salt) &&
	       bytes_eq(&a->id_context, &b->id_context) &&
	       (bytes_eq(&a->sender, &b->sender) || bytes_eq(&a->recipient, &b->recipient) ||
		       bytes_eq(&a->sender, &b->recipient) || bytes_eq(&a->recipient, &b->sender));
}

/* Do keys of a for one sample and of b for the other, or the same, meet? Templates that are no good
 * have been complained about. */
static bool meet(const struct server_conf *a, const struct server_conf *b, bool same)
{
	const struct oscore_cred *x = NULL, *y = NULL;
	char text[160];
	bool yes = !keys_oscore(&a->oscore, &one, &x, text, sizeof(text)) &&
		   !keys_oscore(&b->oscore, same ? &one : &other, &y, text, sizeof(text)) && x &&
		   y && share_a_key(x, y);

	oscore_cred_unref(x);
	oscore_cred_unref(y);
	return yes;
}

void conf_check_oscore(struct conf_errors *e, const struct server_conf *s, size_t k)
{
	const struct oscore_cred *c = NULL;
	char key[64], text[160];

	snprintf(key, sizeof(key), "servers[%zu].oscore", k);
	if (keys_oscore(&s[k].oscore, &one, &c, text, sizeof(text)))
		conf_complain(e, s[k].where, NULL, key, "%s", text);
	else if (!servers_whom(&s[k]) && meet(&s[k], &s[k], false))
		conf_complain(e, s[k].where, NULL, key,
			"all devices would have the same keys: {endpoint} or {device} has to be in "
			"id_context, master_secret or master_salt, or in both ids");
	oscore_cred_unref(c);
	for (size_t j = 0; j < k; j++)
		if (meet(&s[j], &s[k], false) ||
			(servers_overlap(&s[j], &s[k]) && meet(&s[j], &s[k], true)))
			conf_complain(e, s[k].where, NULL, key,
				"the same keys as at server \"%s\": each server wants a "
				"master_secret, master_salt or id_context of its own",
				s[j].name);
}
