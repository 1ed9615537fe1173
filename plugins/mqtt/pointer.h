/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON pointers (RFC 6901): "/ENERGY/Power", "/sensors/0/value", "" for the whole document. */
#ifndef MQTT_POINTER_H
#define MQTT_POINTER_H

#include <jansson.h>
#include <stddef.h>

#define POINTER_TOKENS 32

struct pointer {
	char *text; /* all tokens, unescaped, each NUL-terminated */
	const char *token[POINTER_TOKENS];
	size_t n;
};

/* LGW_EINVAL with the reason in why: not a pointer, or more than POINTER_TOKENS deep. */
int pointer_parse(struct pointer *p, const char *s, size_t len, char *why, size_t size);
void pointer_fini(struct pointer *p);
/* A loan out of root; NULL if it names nothing. "-" (beyond the end of an array) names nothing. */
json_t *pointer_get(const struct pointer *p, json_t *root);

#endif
