/* SPDX-License-Identifier: BSD-3-Clause */
/* Secrets by reference: the configuration names where they are, not what they are. */
#ifndef CONF_SECRET_H
#define CONF_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * "file:PATH" (first line), "env:NAME", "credential:NAME" (systemd's credentials), or the secret
 * itself. The caller wipes and frees it. NULL with the reason in text; the reason never holds the
 * secret.
 */
char *secret_resolve(const char *ref, char *text, size_t size);

/* Is it one that only the running service can look up: "env:NAME", "credential:NAME"? */
bool secret_of_service(const char *ref);

#endif
