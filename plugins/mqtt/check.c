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

static const char *file_fault(const struct tls_conf *c, char *text, size_t size)
{
	const struct {
		const char *option, *path;
	} files[] = { { "ca_file", c->ca_file }, { "ca_path", c->ca_path },
		{ "cert_file", c->cert_file }, { "key_file", c->key_file } };

	for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++)
		if (files[k].path && access(files[k].path, R_OK)) {
			snprintf(text, size, "tls.%s: %s: %m", files[k].option, files[k].path);
			return text;
		}
	return NULL;
}

static const char *tls_fault(const struct tls_conf *c, char *text, size_t size)
{
	if (!c->enabled && (c->ca_file || c->ca_path || c->cert_file || c->key_file))
		return "tls has files, but enabled is not true";
	if (!c->cert_file != !c->key_file)
		return "tls.cert_file and tls.key_file belong together";
	return c->enabled ? file_fault(c, text, size) : NULL;
}

/* What of a broker itself can be wrong; text is room for it. */
static const char *broker_fault(const struct broker_conf *c, char *text, size_t size)
{
	if (!*c->host)
		return "host is empty";
	if (strstr(c->host, "://") || strchr(c->host, '/'))
		return "host is a name or an address, not a URI; \"port\" and \"tls\" are options";
	if (!text_name(broker_name(c), strlen(broker_name(c))))
		return "the name is empty, too long or not printable";
	if (c->password && !c->username)
		return "a password needs a username";
	if (c->client_id && !text_name(c->client_id, strlen(c->client_id)))
		return "client_id is empty, too long or not printable";
	return tls_fault(&c->tls, text, size);
}

/* A second broker of this name before it? */
static bool is_second(const struct broker_conf *b, size_t k)
{
	for (size_t i = 0; i < k; i++)
		if (!strcmp(broker_name(&b[i]), broker_name(&b[k])))
			return true;
	return false;
}

static int check_broker(const struct broker_conf *b, size_t k, char *text, size_t size)
{
	char room[400];
	const char *fault = is_second(b, k) ? "another broker has this name: give one a \"name\""
					    : broker_fault(&b[k], room, sizeof(room));
	struct ruleset *rules = fault ? NULL : ruleset_new(&b[k], text, size);

	if (fault)
		snprintf(text, size, "%s%sbroker \"%s\": %s", b[k].where ? b[k].where : "",
			b[k].where ? ": " : "", broker_name(&b[k]), fault);
	if (!rules)
		return LGW_EINVAL;
	ruleset_unref(rules);
	return LGW_OK;
}

int mqtt_check(const void *conf, char *text, size_t size)
{
	const struct mqtt_conf *c = conf;

	if (c->brokers.n > BROKERS_MAX) {
		snprintf(text, size, "more than %d brokers", BROKERS_MAX);
		return LGW_EINVAL;
	}
	for (size_t k = 0; k < c->brokers.n; k++)
		if (check_broker(c->brokers.items, k, text, size))
			return LGW_EINVAL;
	return LGW_OK;
}
