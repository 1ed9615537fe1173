/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a server that are keys and certificates, made into credentials of one device. */
#ifndef CONF_CREDENTIALS_H
#define CONF_CREDENTIALS_H

#include "conf/tables.h"
#include "crypto/cred.h"
#include "gateway/names.h"

/*
 * Templates are filled with the device's names, files read, keys looked up or derived. *out is a
 * reference, NULL without security. LGW_ENOENT: a file or a line of this device is not there (yet);
 * the reason in text, without secrets.
 */
int credentials_get(struct creds *set, const struct server_conf *s, const struct name_parts *parts,
	const struct cred **out, char *text, size_t size);
/* The same of SMS beside IP. */
int credentials_get_sms(struct creds *set, const struct server_conf *s,
	const struct name_parts *parts, const struct cred **out, char *text, size_t size);
/* Do URI, security and options fit, and is all there that does not belong to single devices? trust:
 * what only the service can look up ("credential:", "env:") is. */
int credentials_check(
	struct creds *set, const struct server_conf *s, bool trust, char *text, size_t size);
/* What is typed into the file itself is wiped. */
void credentials_wipe(struct server_conf *s);

#endif
