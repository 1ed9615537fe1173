/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of a broker: "TOPIC\nPAYLOAD", under rules as users write them; and the first line as
 * the text of a template, a pointer and a time.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "apply.h"
#include "stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hear(struct rule_conf *c, const char *topic, const char *payload, size_t len)
{
	struct message m = { .topic = topic };
	struct batch b = { 0 };
	struct text scratch = { 0 };
	char why[WHY_BYTES];
	struct rule r;
	bool online;

	memset(&r, 0, sizeof(r));
	if (!rule_init(&r, c, "b", why, sizeof(why)) && !levels_split(&m.levels, topic) &&
		!payload_parse(&m.payload, payload, len, why, sizeof(why))) {
		if (rule_wants(&r, topic))
			assert(rule_apply(&r, &m, &b, why) <= MEMBERS_MAX);
		if (r.availability.filter && topic_matches(r.availability.filter, topic))
			availability_apply(&r, &m, &scratch, &online, why);
		payload_fini(&m.payload);
	}
	for (size_t k = 0; k < b.n; k++) {
		assert(text_name(b.r[k].device, strlen(b.r[k].device)));
		assert(text_name(b.r[k].key, strlen(b.r[k].key)));
	}
	text_free(&scratch);
	batch_free(&b);
	rule_fini(&r);
}

static void texts(const char *s)
{
	struct pointer p = { 0 };
	struct tmpl t = { 0 };
	char why[WHY_BYTES];
	int64_t ms;

	pointer_parse(&p, s, strlen(s), why, sizeof(why));
	pointer_fini(&p);
	tmpl_parse(&t, s, ~0u, 3, true, why, sizeof(why));
	tmpl_fini(&t);
	if (!stamp_text(&ms, s, strlen(s)))
		assert(ms > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct value_conf values[] = { { (char *)"/a/b", NULL },
		{ (char *)"/0", (char *)"{/k}" }, { (char *)"", NULL } };
	struct rule_conf all = { .topic = (char *)"#",
		.time = (char *)"/t",
		.availability.topic = (char *)"{device}/x" };
	struct rule_conf some = {
		.topic = (char *)"+/#", .device = (char *)"{/sn}-{1}", .values = { values, 3 }
	};
	const uint8_t *nl = memchr(data, '\n', size);
	char *topic;

	if (!nl || !(topic = strndup((const char *)data, (size_t)(nl - data))))
		return 0;
	texts(topic);
	if (text_plain(topic, strlen(topic)) && *topic) {
		hear(&all, topic, (const char *)nl + 1, size - (size_t)(nl + 1 - data));
		hear(&some, topic, (const char *)nl + 1, size - (size_t)(nl + 1 - data));
	}
	free(topic);
	return 0;
}
