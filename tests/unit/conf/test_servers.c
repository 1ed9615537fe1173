/* SPDX-License-Identifier: BSD-3-Clause */
/* SMS among the options of a server: what fits together, what is refused and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "conf/servers.h"
#include "util/err.h"
#include "util/mem.h"

static int carry(void *state, const char *peer, const void *p, size_t len)
{
	(void)state, (void)peer, (void)p, (void)len;
	return LGW_OK;
}

static const struct lgw_carrier carrier = { "sms", 140, 1000, carry };
static const struct lgw_plugin modem = { .name = "modem", .carrier = &carrier };
static const struct plugin_conf with_modem = { &modem, NULL };

static void fini(struct server_conf *s)
{
	free(s->uri);
	free(s->binding);
	free(s->whom);
	free(s->sms.number);
}

static struct server_conf make(
	const char *uri, const char *binding, const char *whom, const char *number)
{
	struct server_conf s = { .uri = xstrdup(uri),
		.binding = xstrdup(binding),
		.whom = xstrdup(whom),
		.sms = { .number = xstrdup(number), .ack_timeout_ms = 30000, .max_retransmit = 3 },
		.ack_timeout_ms = 2000,
		.max_retransmit = 4,
		.nstart = 1 };

	return s;
}

static void good_ones(void **state)
{
	static const struct {
		const char *uri, *binding, *number;  /* as written */
		const char *then_uri, *then_binding; /* as understood */
	} t[] = {
		{ "coap://a", NULL, NULL, "coap://a", "U" },
		{ "coap+tcp://a", NULL, NULL, "coap+tcp://a", "T" },
		{ "coap://a", "UQ", NULL, "coap://a", "UQ" },
		{ "coap://a", NULL, "+49 151-1", "coap://a", "U" },
		{ "coap://a", "UQS", "+49151", "coap://a", "UQS" },
		{ "coap://a", "S", "+49151", "coap://a", "S" },
		{ "sms://+49 151-1", NULL, NULL, "sms:+491511", "S" },
		{ "tel:+49(151)1", "SQ", NULL, "sms:+491511", "SQ" },
	};
	char text[200];

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		struct server_conf s = make(t[k].uri, t[k].binding, "all", t[k].number);
		struct server_params p;

		assert_int_equal(servers_check(&s, &with_modem, 1, text, sizeof(text)), LGW_OK);
		assert_string_equal(s.uri, t[k].then_uri);
		assert_string_equal(s.binding, t[k].then_binding);
		assert_true(!s.sms.number || !strpbrk(s.sms.number, " -()"));
		servers_fill(&p, &s);
		assert_int_equal(
			p.session.ack_timeout_ms, strncmp(s.uri, "sms:", 4) ? 2000 : 30000);
		assert_int_equal(p.sms.ack_timeout_ms, 30000);
		fini(&s);
	}
}

static void refused(struct server_conf s, size_t plugins, const char *word)
{
	char text[200] = "";

	assert_int_equal(servers_check(&s, &with_modem, plugins, text, sizeof(text)), LGW_EINVAL);
	if (!strstr(text, word))
		fail_msg("\"%s\" not told but: %s", word, text);
	fini(&s);
}

static void bad_ones(void **state)
{
	struct server_conf s;

	(void)state;
	refused(make("coap://a", "US", "all", NULL), 1, "no sms.number");
	refused(make("coap://a", "USQ", "all", "+1"), 1, "expected U");
	refused(make("sms:+1", "U", "all", NULL), 1, "no way but SMS");
	refused(make("sms:+1", "UQS", "all", NULL), 1, "no way but SMS");
	refused(make("sms:+1", NULL, "all", NULL), 0, "plugin modem");
	refused(make("coap://a", NULL, "all", "+1"), 0, "plugin modem");
	/* DTLS over SMS: one client for a pair of numbers. */
	s = make("sms:+1", NULL, "all", NULL);
	s.security = SECURITY_PSK;
	refused(s, 1, "for one client");
	s = make("coap://a", NULL, "all", "+1");
	s.sms.security = SECURITY_PSK;
	refused(s, 1, "for one client");
}

static void who(void **state)
{
	struct server_conf s = make("sms:+1", NULL, "gateway", NULL);
	struct server_params p;
	char text[200];

	(void)state;
	s.security = SECURITY_PSK;
	assert_int_equal(servers_check(&s, &with_modem, 1, text, sizeof(text)), LGW_OK);
	assert_string_equal(servers_whom(&s), "");
	servers_fill(&p, &s);
	assert_null(p.requests_to);
	fini(&s);
	s = make("sms:+1", NULL, "lamp", NULL);
	assert_int_equal(servers_check(&s, &with_modem, 1, text, sizeof(text)), LGW_OK);
	servers_fill(&p, &s);
	assert_string_equal(p.requests_to, "lamp");
	assert_string_equal(p.account.sms_number, "+1");
	fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones),
		cmocka_unit_test(bad_ones),
		cmocka_unit_test(who),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
