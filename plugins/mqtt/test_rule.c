/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules over messages as zigbee2mqtt, Tasmota, Shelly and others send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <lgw/status.h>
#include "apply.h"
#include "ruleset.h"

static char why[WHY_BYTES];
static char said[1024]; /* the readings of the last message, "device key=value@time …" */

static void say(const struct lgw_reading *r)
{
	struct text value = { 0 };
	size_t n = strlen(said);

	text_add_value(&value, &r->value);
	snprintf(said + n, sizeof(said) - n, "%s%s %s=%s", n ? "; " : "", r->device, r->key,
		text_str(&value));
	n = strlen(said);
	if (r->time_ms)
		snprintf(said + n, sizeof(said) - n, "@%lld", (long long)r->time_ms);
	text_free(&value);
}

static void hear(const struct rule_conf *c, const char *topic, const char *payload)
{
	struct message m = { .topic = topic };
	struct batch b = { 0 };
	struct rule r;
	size_t n = 0;

	said[0] = why[0] = '\0';
	memset(&r, 0, sizeof(r));
	if (rule_init(&r, c, "broker", why, sizeof(why)))
		fail_msg("%s", why);
	assert_int_equal(levels_split(&m.levels, topic), 0);
	assert_int_equal(payload_parse(&m.payload, payload, strlen(payload), why, sizeof(why)), 0);
	if (rule_wants(&r, topic))
		n = rule_apply(&r, &m, &b, why);
	assert_int_equal(n, b.n);
	for (size_t k = 0; k < n; k++)
		say(&b.r[k]);
	payload_fini(&m.payload);
	batch_free(&b);
	rule_fini(&r);
}

#define HEAR(c_, topic_, payload_, want_)         \
	do {                                      \
		hear(c_, topic_, payload_);       \
		assert_string_equal(said, want_); \
	} while (0)

static struct rule_conf plain(const char *topic)
{
	return (struct rule_conf){
		.topic = (char *)(uintptr_t)topic, .payload_max = 262144, .max_devices = 1000
	};
}

static void bare_values(void **state)
{
	struct rule_conf c = plain("sensors/+/temperature");

	(void)state;
	HEAR(&c, "sensors/kitchen/temperature", "21.5", "kitchen temperature=21.5");
	HEAR(&c, "sensors/kitchen/temperature", " 21\n", "kitchen temperature=21");
	HEAR(&c, "sensors/kitchen/temperature", "true", "kitchen temperature=true");
	HEAR(&c, "sensors/kitchen/temperature", "warm", "kitchen temperature=warm");
	HEAR(&c, "sensors/kitchen/temperature", "null", "");
	HEAR(&c, "sensors/kitchen/temperature", "", "");
	HEAR(&c, "sensors/kitchen/humidity", "50", "");
	HEAR(&c, "sensors/kitchen/temperature", "[1,2]", "");
	assert_non_null(strstr(why, "array"));
}

static void zigbee2mqtt(void **state)
{
	char *exclude[] = { (char *)"bridge" };
	char *ignore[] = { (char *)"linkquality", (char *)"update*" };
	struct rule_conf c = plain("zigbee2mqtt/+");

	(void)state;
	c.exclude = (struct lgw_list){ exclude, 1 };
	c.ignore = (struct lgw_list){ ignore, 2 };
	c.time = (char *)"/last_seen";
	HEAR(&c, "zigbee2mqtt/thermo",
		"{\"battery\":97,\"temperature\":21.43,\"linkquality\":120,"
		"\"update\":{\"state\":\"idle\"}}",
		"thermo battery=97; thermo temperature=21.43");
	HEAR(&c, "zigbee2mqtt/bridge", "{\"state\":\"online\"}", "");
	HEAR(&c, "zigbee2mqtt/door", "{\"contact\":false,\"last_seen\":\"2024-05-01T12:00:00Z\"}",
		"door contact=false@1714564800000; door "
		"last_seen=2024-05-01T12:00:00Z@1714564800000");
	/* A time that cannot be read costs the time, not the reading. */
	HEAR(&c, "zigbee2mqtt/door", "{\"contact\":true,\"last_seen\":\"yesterday\"}",
		"door contact=true; door last_seen=yesterday");
	assert_non_null(strstr(why, "time"));
}

static void tasmota(void **state)
{
	struct value_conf values[] = { { (char *)"/ENERGY/Power", NULL },
		{ (char *)"/ENERGY/Total", (char *)"total" }, { (char *)"/nobody", NULL } };
	struct rule_conf c = plain("tele/+/SENSOR");
	static const char body[] = "{\"Time\":\"2024-05-01T12:00:00\",\"ENERGY\":{\"Total\":1.5,"
				   "\"Power\":42,\"Voltage\":230}}";

	(void)state;
	HEAR(&c, "tele/plug/SENSOR", body,
		"plug Time=2024-05-01T12:00:00; plug ENERGY.Total=1.5; plug ENERGY.Power=42; "
		"plug ENERGY.Voltage=230");
	c.values = (struct lgw_list){ values, 3 };
	HEAR(&c, "tele/plug/SENSOR", body, "plug ENERGY.Power=42; plug total=1.5");
	HEAR(&c, "tele/plug/SENSOR", "42", "");
	assert_non_null(strstr(why, "JSON") ?: why);
}

static void device_out_of_the_payload(void **state)
{
	struct rule_conf c = plain("rtl_433/#");

	(void)state;
	c.device = (char *)"{/model}-{/id}";
	HEAR(&c, "rtl_433/events", "{\"model\":\"Nexus\",\"id\":7,\"t\":1}",
		"Nexus-7 model=Nexus; Nexus-7 id=7; Nexus-7 t=1");
	HEAR(&c, "rtl_433/events", "{\"t\":1}", "");
	assert_non_null(strstr(why, "device"));
}

static void limits(void **state)
{
	static char body[40000];
	struct rule_conf c = plain("a/+");
	size_t n = 0;

	(void)state;
	n += (size_t)snprintf(body, sizeof(body), "{");
	for (int k = 0; k < 400; k++)
		n += (size_t)snprintf(
			body + n, sizeof(body) - n, "%s\"k%d\":%d", k ? "," : "", k, k);
	snprintf(body + n, sizeof(body) - n, "}");
	hear(&c, "a/b", body);
	assert_non_null(strstr(why, "more values"));
	hear(&c, "a/b", "{\"\":1}");
	assert_string_equal(said, "");
	assert_non_null(strstr(why, "without a name"));
	hear(&c, "a/b\x01", "1");
	assert_string_equal(said, "");
}

static void availability_said(void **state)
{
	static const struct {
		const char *payload;
		int status, online;
	} t[] = { { "online", LGW_OK, 1 }, { "offline", LGW_OK, 0 },
		{ "{\"state\":\"online\"}", LGW_OK, 1 }, { "{\"state\":\"offline\"}", LGW_OK, 0 },
		{ "maybe", LGW_EINVAL, 0 }, { "", LGW_ENOENT, 0 }, { "{}", LGW_EINVAL, 0 } };
	struct rule_conf c = plain("z/+");
	struct text scratch = { 0 };
	struct rule r;

	(void)state;
	c.availability.topic = (char *)"z/{device}/availability";
	memset(&r, 0, sizeof(r));
	assert_int_equal(rule_init(&r, &c, "b", why, sizeof(why)), 0);
	assert_string_equal(r.availability.filter, "z/+/availability");
	for (size_t k = 0; k < sizeof(t) / sizeof(*t); k++) {
		struct message m = { .topic = "z/door/availability" };
		bool online = false;

		levels_split(&m.levels, m.topic);
		assert_int_equal(payload_parse(&m.payload, t[k].payload, strlen(t[k].payload), why,
					 sizeof(why)),
			0);
		assert_int_equal(availability_apply(&r, &m, &scratch, &online, why), t[k].status);
		if (!t[k].status)
			assert_int_equal(online, t[k].online);
		payload_fini(&m.payload);
	}
	text_free(&scratch);
	rule_fini(&r);
}

static void refused(struct rule_conf c, const char *word)
{
	struct rule r;

	memset(&r, 0, sizeof(r));
	why[0] = '\0';
	assert_int_equal(rule_init(&r, &c, "b", why, sizeof(why)), LGW_EINVAL);
	if (!strstr(why, word))
		fail_msg("\"%s\" does not say \"%s\"", why, word);
	rule_fini(&r);
}

/* A mistake names the option. */
static void mistakes(void **state)
{
	struct value_conf value = { (char *)"no-slash", NULL };
	struct rule_conf c;

	(void)state;
	refused(plain("a/#/b"), "topic");
	refused(plain("a/b+"), "topic");
	refused(plain("$share/g/a"), "topic");
	refused(plain("a/b"), "device");
	c = plain("a/+");
	c.device = (char *)"{3}";
	refused(c, "device");
	c = plain("a/+");
	c.key = (char *)"{what}";
	refused(c, "key");
	c = plain("a/+");
	c.time = (char *)"ts";
	refused(c, "time");
	c = plain("a/+");
	c.values = (struct lgw_list){ &value, 1 };
	refused(c, "values");
	c = plain("a/+");
	c.availability.topic = (char *)"z/+/availability";
	refused(c, "availability");
	c = plain("a/+");
	c.command.topic = (char *)"a/+/set";
	refused(c, "command.topic");
	c = plain("a/+");
	c.command.topic = (char *)"a/{device}/set";
	c.command.payload = (char *)"{valu}";
	refused(c, "command.payload");
	c = plain("a/+");
	c.command.payload = (char *)"{\"on\": {value}}";
	refused(c, "command.topic");
	c = plain("a/+");
	c.device = (char *)"{{ value }}";
	refused(c, "'{'");
}

/* What is wrong with a broker; each complaint says where it stands. */
static void brokers(void **state)
{
	struct rule_conf rule = plain("a/+");
	struct broker_conf b[2] = {
		{ .where = (char *)"f:7", .host = (char *)"h", .rules = { &rule, 1 } },
		{ .where = (char *)"f:9", .host = (char *)"i", .rules = { &rule, 1 } }
	};
	const struct mqtt_conf c = { .brokers = { b, 2 } };
	char text[512];

	(void)state;
	assert_int_equal(mqtt_check(&c, text, sizeof(text)), LGW_OK);
	b[1].host = (char *)"h";
	assert_int_equal(mqtt_check(&c, text, sizeof(text)), LGW_EINVAL);
	assert_string_equal(
		text, "f:9: broker \"h\": another broker has this name: give one a \"name\"");
	b[1].host = (char *)"mqtt://h";
	assert_int_equal(mqtt_check(&c, text, sizeof(text)), LGW_EINVAL);
	assert_non_null(strstr(text, "f:9: broker \"mqtt://h\": host"));
	b[1].host = (char *)"i";
	b[0].password = (char *)"p";
	assert_int_equal(mqtt_check(&c, text, sizeof(text)), LGW_EINVAL);
	assert_non_null(strstr(text, "f:7: "));
	b[0].password = NULL;
	b[0].tls.ca_file = (char *)"/none";
	assert_int_equal(mqtt_check(&c, text, sizeof(text)), LGW_EINVAL);
	assert_non_null(strstr(text, "enabled"));
	b[0].tls.enabled = true;
	assert_int_equal(mqtt_check(&c, text, sizeof(text)), LGW_EINVAL);
	assert_non_null(strstr(text, "tls.ca_file: /none: "));
	b[0].tls = (struct tls_conf){ 0 };
	rule.where = (char *)"f:8";
	rule.device = (char *)"{9}";
	assert_int_equal(mqtt_check(&c, text, sizeof(text)), LGW_EINVAL);
	assert_non_null(strstr(text, "f:8: broker \"h\": rule \"a/+\": device"));
}

static void filters(void **state)
{
	(void)state;
	assert_true(topic_matches("a/+/c", "a/b/c"));
	assert_false(topic_matches("a/+/c", "a/b/d"));
	assert_true(topic_matches("a/#", "a"));
	assert_false(topic_matches("+/b", "$SYS/b"));
	assert_null(filter_fault("a/+/#"));
	assert_non_null(filter_fault(""));
	assert_non_null(filter_fault("\xff"));
}

/* Each filter is subscribed to once, with the highest quality of service. */
static void subscriptions(void **state)
{
	struct rule_conf rules[2];
	struct broker_conf b = { .host = (char *)"h", .rules = { rules, 2 } };
	struct ruleset *s;

	(void)state;
	rules[0] = plain("a/+");
	rules[1] = plain("a/+");
	rules[0].qos = 0;
	rules[1].qos = 1;
	rules[1].name = (char *)"second";
	rules[0].availability.topic = (char *)"a/{device}/lwt";
	s = ruleset_new(&b, why, sizeof(why));
	if (!s)
		fail_msg("%s", why);
	assert_int_equal(s->nsubs, 2);
	assert_true(ruleset_subscribes(s, "a/+", 1));
	assert_true(ruleset_subscribes(s, "a/+/lwt", 0) || ruleset_subscribes(s, "a/+/lwt", 1));
	ruleset_unref(s);
	rules[1] = plain("a/#/b");
	assert_null(ruleset_new(&b, why, sizeof(why)));
	assert_non_null(strstr(why, "a/#/b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bare_values),
		cmocka_unit_test(zigbee2mqtt),
		cmocka_unit_test(tasmota),
		cmocka_unit_test(device_out_of_the_payload),
		cmocka_unit_test(limits),
		cmocka_unit_test(availability_said),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(brokers),
		cmocka_unit_test(filters),
		cmocka_unit_test(subscriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
