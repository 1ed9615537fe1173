/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tables of options cannot say. */
#include "conf.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <lgw/status.h>
#include "ruleset.h"
#include "text.h"

const char *broker_name(const struct broker_conf *b)
{
	return b->name ? b->name : b->host;
}

int broker_port(const struct broker_conf *b)
{
	return b->port ? (int)b->port : b->tls.enabled ? 8883 : 1883;
}

static int check_file(const char *option, const char *path, char *text, size_t size)
{
	if (!path || !access(path, R_OK))
		return LGW_OK;
	snprintf(text, size, "tls.%s: %s: %m", option, path);
	return LGW_EINVAL;
}

static int check_tls(const struct tls_conf *c, char *text, size_t size)
{
	if (!c->enabled) {
		if (!c->ca_file && !c->ca_path && !c->cert_file && !c->key_file)
			return LGW_OK;
		snprintf(text, size, "tls has files, but enabled is not true");
		return LGW_EINVAL;
	}
	if (!c->cert_file != !c->key_file) {
		snprintf(text, size, "tls.cert_file and tls.key_file belong together");
		return LGW_EINVAL;
	}
	return check_file("ca_file", c->ca_file, text, size)
		       ?: check_file("ca_path", c->ca_path, text, size)
		       ?: check_file("cert_file", c->cert_file, text, size)
		       ?: check_file("key_file", c->key_file, text, size);
}

static int check_broker(const struct broker_conf *c, char *text, size_t size)
{
	struct ruleset *rules;

	if (!*c->host) {
		snprintf(text, size, "host is empty");
		return LGW_EINVAL;
	}
	if (!text_name(broker_name(c), strlen(broker_name(c)))) {
		snprintf(text, size, "the name is empty, too long or not printable");
		return LGW_EINVAL;
	}
	if (c->password && !c->username) {
		snprintf(text, size, "a password needs a username");
		return LGW_EINVAL;
	}
	if (c->client_id && !text_name(c->client_id, strlen(c->client_id))) {
		snprintf(text, size, "client_id is empty, too long or not printable");
		return LGW_EINVAL;
	}
	rules = ruleset_new(c, text, size);
	if (!rules)
		return LGW_EINVAL;
	ruleset_unref(rules);
	return check_tls(&c->tls, text, size);
}

int mqtt_check(const void *conf, char *text, size_t size)
{
	const struct mqtt_conf *c = conf;
	const struct broker_conf *b = c->brokers.items;
	char what[400] = "";

	if (c->brokers.n > BROKERS_MAX) {
		snprintf(text, size, "more than %d brokers", BROKERS_MAX);
		return LGW_EINVAL;
	}
	for (size_t k = 0; k < c->brokers.n; k++) {
		for (size_t i = 0; i < k; i++)
			if (!strcmp(broker_name(&b[i]), broker_name(&b[k]))) {
				snprintf(text, size,
					"two brokers are called \"%s\": give them a name",
					broker_name(&b[k]));
				return LGW_EINVAL;
			}
		if (check_broker(&b[k], what, sizeof(what))) {
			snprintf(text, size, "broker \"%s\": %s", broker_name(&b[k]), what);
			return LGW_EINVAL;
		}
	}
	return LGW_OK;
}
