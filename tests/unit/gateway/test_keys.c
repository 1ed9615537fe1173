/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys of each client out of the configuration's templates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <lgw/status.h>
#include "gateway/keys.h"
#include "gateway/names.h"
#include "util/mem.h"

static const struct name_parts names = { .endpoint = "urn:dev:kitchen", .device = "k1" };

static struct oscore_conf conf(void)
{
	return (struct oscore_conf){ .master_secret = (char *)"hex:000102030405",
		.sender_id = (char *)"{device}",
		.recipient_id = (char *)"S" };
}

static int make(const struct oscore_conf *c, const struct oscore_cred **out)
{
	char text[160] = "";
	int r = keys_oscore(c, &names, out, text, sizeof(text));

	assert_int_equal(r != LGW_OK, text[0] != '\0');
	if (c->master_secret && strlen(c->master_secret) > 4)
		assert_null(strstr(text, c->master_secret)); /* never told */
	return r;
}

static void equals(struct oscore_bytes b, const char *s, size_t len)
{
	assert_int_equal(b.len, len);
	assert_memory_equal(b.p, s, len);
}

static void templates_are_filled_in(void **state)
{
	struct oscore_conf c = conf();
	const struct oscore_cred *k;

	(void)state;
	c.id_context = (char *)"<{endpoint}|{device}>";
	c.master_salt = (char *)"salt";
	assert_int_equal(make(&c, &k), LGW_OK);
	equals(k->p.secret, "\0\1\2\3\4\5", 6);
	equals(k->p.salt, "salt", 4);
	equals(k->p.sender, "k1", 2);
	equals(k->p.recipient, "S", 1);
	equals(k->p.id_context, "<urn:dev:kitchen|k1>", 20);
	assert_true(k->p.has_id_context);
	assert_int_equal(k->p.aead, 10);
	oscore_cred_unref(k);
}

static void absent_is_not_empty(void **state)
{
	struct oscore_conf c = conf();
	const struct oscore_cred *k;

	(void)state;
	assert_int_equal(make(&c, &k), LGW_OK);
	assert_false(k->p.has_id_context);
	oscore_cred_unref(k);
	c.master_secret = NULL;
	assert_int_equal(make(&c, &k), LGW_OK);
	assert_null(k);
}

static void mistakes(void **state)
{
	static const struct {
		const char *secret, *sender;
	} t[] = { { "hex:0", "C" }, { "hex:zz", "C" }, { "", "C" }, { "s", "{device" },
		{ "s", "{serial}" }, { "s", "{endpoint}" /* over 7 bytes */ }, { "s", "S" },
		{ "s{", "C" } };
	const struct oscore_cred *k;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct oscore_conf c = conf();

		c.master_secret = (char *)(uintptr_t)t[i].secret;
		c.sender_id = (char *)(uintptr_t)t[i].sender;
		assert_int_not_equal(make(&c, &k), LGW_OK);
		assert_null(k);
	}
}

/* The day of the keys, which is no part of them. */
static void since(void **state)
{
	static const char *const bad[] = { "", "yesterday", "2026-13-01", "2026-11-28 ",
		"1970-01-01" };
	struct oscore_conf c = conf();
	const struct oscore_cred *k, *l;

	(void)state;
	assert_int_equal(make(&c, &k), LGW_OK);
	c.since = (char *)"2026-01-01";
	assert_int_equal(make(&c, &l), LGW_OK);
	assert_int_equal(k->p.since_ms, 0);
	assert_true(l->p.since_ms == 1767225600000);
	assert_memory_equal(k->name, l->name, sizeof(k->name));
	assert_false(oscore_cred_eq(k, l));
	oscore_cred_unref(k);
	oscore_cred_unref(l);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		c.since = (char *)(uintptr_t)bad[i];
		assert_int_equal(make(&c, &k), LGW_EINVAL);
	}
}

static void each_algorithm_has_a_number(void **state)
{
	const struct oscore_cred *k;

	(void)state;
	for (int i = 0; oscore_algorithms[i]; i++) {
		struct oscore_conf c = conf();

		c.sender_id = (char *)"C";
		c.algorithm = i;
		assert_int_equal(make(&c, &k), LGW_OK);
		assert_string_equal(k->alg->name, oscore_algorithms[i]);
		oscore_cred_unref(k);
	}
}

static void servers_of_a_client(void **state)
{
	const struct server_params servers[2] = { { .account = { .name = "a" } },
		{ .account = { .name = "b" } } };
	struct oscore_conf o[2] = { conf(), { .master_secret = NULL } };
	struct gateway_params p = { .servers = servers, .oscore = o, .nservers = 2 };
	struct server_params out[SERVERS_MAX];
	size_t n;
	char text[256] = "";

	(void)state;
	assert_int_equal(keys_make(&p, &names, false, out, &n, text, sizeof(text)), LGW_OK);
	assert_non_null(out[0].account.oscore);
	assert_null(out[1].account.oscore);
	keys_drop(out, 2);
	o[1] = conf();
	o[1].sender_id = (char *)"{";
	assert_int_not_equal(keys_make(&p, &names, false, out, &n, text, sizeof(text)), LGW_OK);
	assert_non_null(strstr(text, "\"b\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_are_filled_in),
		cmocka_unit_test(absent_is_not_empty),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(since),
		cmocka_unit_test(each_algorithm_has_a_number),
		cmocka_unit_test(servers_of_a_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
