/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/credentials.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf/secret.h"
#include "crypto/hmac.h"
#include "crypto/suite.h"
#include "transport/link.h"
#include "transport/ssl.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/mem.h"
#include "util/str.h"
#include "util/wr.h"

#define FILE_BYTES_MAX 65536
#define MASTER_MAX     256

struct making {
	const struct server_conf *s;
	const struct name_parts *parts;
	char *text;
	size_t size;
};

static int complain(const struct making *m, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int complain(const struct making *m, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->text, m->size, fmt, ap);
	va_end(ap);
	return status;
}

/* --- bytes out of references ----------------------------------------------------------------- */

static int fill(
	const struct making *m, const char *what, const char *template, char *out, size_t cap)
{
	return names_fill(what, template, m->parts, out, cap, m->text, m->size);
}

/* A whole file; the caller wipes. */
static int slurp(const struct making *m, const char *path, bool own, struct wr *w)
{
	FILE *f = fopen(path, "re");
	uint8_t buf[4096];
	size_t n;

	if (!f)
		return complain(m, own && errno == ENOENT ? LGW_ENOENT : LGW_EIO, "%s: %m", path);
	while ((n = fread(buf, 1, sizeof(buf), f)))
		wr_bytes(w, buf, n);
	mem_wipe(buf, sizeof(buf));
	n = (size_t)ferror(f);
	fclose(f);
	if (n || wr_err(w))
		return complain(m, LGW_EIO, "%s: %s", path, n ? "cannot be read" : "over 64 KiB");
	return LGW_OK;
}

/* "file:PATH", a PATH, "credential:NAME": certificates and keys, DER or PEM. */
static int load_blob(const struct making *m, const char *what, const char *ref, struct wr *w)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char name[1024], path[2048];
	int r = fill(m, what, ref, name, sizeof(name));

	if (r)
		return r;
	if (str_starts(name, "credential:")) {
		if (!dir || strchr(name, '/'))
			return complain(m, LGW_EINVAL, "%s: %s", what,
				dir ? "credential names have no '/'"
				    : "no credentials: the daemon was not started with "
				      "LoadCredential=");
		snprintf(path, sizeof(path), "%s/%s", dir, name + strlen("credential:"));
	} else {
		snprintf(path, sizeof(path), "%s",
			str_starts(name, "file:") ? name + strlen("file:") : name);
		if (*path != '/')
			return complain(m, LGW_EINVAL,
				"%s: expected \"file:/PATH\" or \"credential:NAME\"", what);
	}
	return slurp(m, path, strchr(ref, '{') != NULL, w);
}

/* Hexadecimal, or base64 behind "base64:". */
static int decode(const struct making *m, const char *what, const char *s, uint8_t *out, size_t cap)
{
	int n;

	if (str_starts(s, "base64:"))
		n = base64_decode(out, cap, s + strlen("base64:"), strlen(s) - strlen("base64:"));
	else
		n = hex_decode(out, cap, s, strlen(s));
	if (n == LGW_ETOOBIG)
		return complain(m, LGW_EINVAL, "%s: longer than %zu bytes", what, cap);
	if (n <= 0)
		return complain(m, LGW_EINVAL,
			"%s: expected hexadecimal digits, or base64 behind "
			"\"base64:\"",
			what);
	return n;
}

static int from_secret(const struct making *m, const char *ref, uint8_t *out, size_t cap)
{
	bool own = strchr(ref, '{') != NULL;
	char name[1024], why[256], *text;
	int r = fill(m, "key", ref, name, sizeof(name));

	if (r)
		return r;
	text = secret_resolve(name, why, sizeof(why));
	mem_wipe(name, sizeof(name));
	if (!text)
		return complain(m, own ? LGW_ENOENT : LGW_EINVAL, "key: %s", why);
	r = decode(m, "key", text, out, cap);
	mem_wipe_str(text);
	return r;
}

/* "IDENTITY:HEX" a line, as psktool and mosquitto have it; '#' begins a comment. */
static int from_table(
	const struct making *m, const char *path, const char *identity, uint8_t *out, size_t cap)
{
	struct wr w = wr_grow(16 * 1024 * 1024);
	int r = slurp(m, path, false, &w);
	char *line, *next;

	if (!r)
		wr_u8(&w, '\0');
	if (r || wr_err(&w)) {
		wr_fini(&w);
		return r ? r : LGW_EIO;
	}
	r = complain(m, LGW_ENOENT, "key: %s has no line for \"%s\"", path, identity);
	for (line = (char *)w.p; line; line = next) {
		size_t n = strcspn(line, "\r\n");

		next = line[n] ? line + n + 1 : NULL;
		line[n] = '\0';
		n = strlen(identity);
		if (*line == '#' || !str_starts(line, identity) || line[n] != ':')
			continue;
		r = decode(m, "key", line + n + 1, out, cap);
		break;
	}
	mem_wipe(w.p, w.len);
	wr_fini(&w);
	return r;
}

/* HMAC-SHA-256 of the identity under a master key: one secret for all devices. */
static int derive(const struct making *m, const char *ref, const char *identity, uint8_t *out)
{
	uint8_t master[MASTER_MAX];
	int n = from_secret(m, ref, master, sizeof(master)), r;

	if (n < 0)
		return n;
	r = n < 16 ? complain(m, LGW_EINVAL, "key: a master key has at least 16 bytes")
		   : hmac_sha256(master, (size_t)n, identity, strlen(identity), out);
	mem_wipe(master, sizeof(master));
	return r ? r : HMAC_SHA256_BYTES;
}

/* --- the modes ----------------------------------------------------------------------------- */

static int make_psk(
	const struct making *m, struct creds *set, struct cred_params *p, const struct cred **out)
{
	const char *key = m->s->key;
	char identity[CRED_IDENTITY_MAX + 1];
	uint8_t secret[CRED_PSK_MAX];
	int n = fill(m, "identity", m->s->identity, identity, sizeof(identity));

	if (n)
		return n;
	if (!key)
		return complain(m, LGW_EINVAL, "security \"psk\" wants a key");
	if (str_starts(key, "table:"))
		n = from_table(m, key + strlen("table:"), identity, secret, sizeof(secret));
	else if (str_starts(key, "derive:"))
		n = derive(m, key + strlen("derive:"), identity, secret);
	else
		n = from_secret(m, key, secret, sizeof(secret));
	if (n < 0)
		return n;
	p->identity = (struct cred_bytes){ (uint8_t *)identity, strlen(identity) };
	p->secret = (struct cred_bytes){ secret, (size_t)n };
	n = cred_new(set, p, out, m->text, m->size);
	mem_wipe(secret, sizeof(secret));
	return n;
}

static int blob(const struct making *m, const char *what, const char *ref, struct wr *w,
	struct cred_bytes *b)
{
	int r = ref ? load_blob(m, what, ref, w) : LGW_OK;

	*b = (struct cred_bytes){ w->p, w->len };
	return r;
}

/* What pins the server: a file, or the digits of a digest. */
static int pin(const struct making *m, struct wr *w, struct cred_params *p)
{
	const struct server_conf *s = m->s;
	uint8_t digest[64];
	int n;

	if (p->mode == CRED_RPK)
		return blob(m, "server_public_key", s->server_public_key, w, &p->server);
	if (p->matching == CRED_MATCH_EXACT || !s->server_certificate)
		return blob(m, "server_certificate", s->server_certificate, w, &p->server);
	n = decode(m, "server_certificate", s->server_certificate, digest, sizeof(digest));
	if (n < 0)
		return n;
	wr_bytes(w, digest, (size_t)n);
	p->server = (struct cred_bytes){ w->p, w->len };
	return LGW_OK;
}

static int make_pair(
	const struct making *m, struct creds *set, struct cred_params *p, const struct cred **out)
{
	const struct server_conf *s = m->s;
	struct wr own = wr_grow(FILE_BYTES_MAX), key = own, server = own, trust = own;
	bool token = s->private_key && str_starts(s->private_key, "pkcs11:");
	char uri[1024] = "";
	int r;

	if (!s->private_key)
		return complain(m, LGW_EINVAL, "this security wants a private_key");
	p->usage = (enum cred_usage)s->usage;
	p->matching = (enum cred_matching)s->matching;
	r = pin(m, &server, p);
	if (!r && p->mode == CRED_X509)
		r = blob(m, "certificate", s->certificate, &own, &p->identity);
	if (!r && p->mode == CRED_X509)
		r = blob(m, "ca", s->ca, &trust, &p->trust);
	if (!r && token)
		r = fill(m, "private_key", s->private_key, uri, sizeof(uri));
	else if (!r)
		r = blob(m, "private_key", s->private_key, &key, &p->secret);
	p->secret_uri = token ? uri : NULL;
	if (!r)
		r = cred_new(set, p, out, m->text, m->size);
	if (key.p)
		mem_wipe(key.p, key.len);
	mem_wipe(uri, sizeof(uri));
	wr_fini(&own);
	wr_fini(&key);
	wr_fini(&server);
	wr_fini(&trust);
	return r;
}

static int take_suites(const struct making *m, struct cred_params *p)
{
	const struct lgw_list *l = &m->s->ciphersuites;

	for (size_t k = 0; k < l->n; k++) {
		const char *name = ((char **)l->items)[k];
		const struct suite *suite = suite_by_name(name);

		if (!suite || k == CRED_SUITES_MAX)
			return complain(m, LGW_EINVAL, "ciphersuites: %s \"%s\"",
				suite ? "too many, from" : "unknown", name);
		if (!(suite->auth & 1u << p->mode))
			return complain(m, LGW_EINVAL,
				"ciphersuites: \"%s\" does not go with this security", name);
		p->suites[p->nsuites++] = suite->id;
	}
	return LGW_OK;
}

int credentials_get(struct creds *set, const struct server_conf *s, const struct name_parts *parts,
	const struct cred **out, char *text, size_t size)
{
	struct making m = { s, parts, text, size };
	struct cred_params p = { .sni = s->sni };
	int r;

	*out = NULL;
	switch (s->security) {
	case SECURITY_NOSEC:
		return LGW_OK;
	case SECURITY_PSK:
		p.mode = CRED_PSK;
		r = take_suites(&m, &p);
		return r ? r : make_psk(&m, set, &p, out);
	default:
		p.mode = s->security == SECURITY_RPK ? CRED_RPK : CRED_X509;
		r = take_suites(&m, &p);
		return r ? r : make_pair(&m, set, &p, out);
	}
}

/* --- checks -------------------------------------------------------------------------------- */

/* An option that says something which would not be used is a mistake that somebody should know. */
static int check_unused(const struct making *m)
{
	const struct server_conf *s = m->s;
	const struct {
		const char *name, *value;
		unsigned modes;
	} rows[] = {
		{ "key", s->key, 1u << SECURITY_PSK },
		{ "certificate", s->certificate, 1u << SECURITY_X509 },
		{ "private_key", s->private_key, 1u << SECURITY_X509 | 1u << SECURITY_RPK },
		{ "server_public_key", s->server_public_key, 1u << SECURITY_RPK },
		{ "server_certificate", s->server_certificate, 1u << SECURITY_X509 },
		{ "ca", s->ca, 1u << SECURITY_X509 },
	};

	for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
		if (rows[k].value && !(rows[k].modes & 1u << s->security))
			return complain(
				m, LGW_EINVAL, "%s does not go with this security", rows[k].name);
	return LGW_OK;
}

static int check_fit(const struct making *m)
{
	const struct server_conf *s = m->s;
	const struct link_ops *ops;
	struct uri u;

	if (!s->uri || uri_parse(&u, s->uri, strlen(s->uri)))
		return LGW_OK; /* told where it stands */
	if (!strcmp(u.scheme, "sms") && s->security > SECURITY_PSK)
		return complain(m, LGW_EINVAL, "over SMS there is security \"nosec\" or \"psk\"");
	ops = link_ops_find(link_registry, u.scheme);
	if (!ops)
		return check_unused(m);
	if (ops->secure && s->security == SECURITY_NOSEC)
		return complain(m, LGW_EINVAL,
			"%s:// wants security = \"psk\", \"x509\" or \"rpk\"", u.scheme);
	if (!ops->secure && s->security != SECURITY_NOSEC)
		return complain(m, LGW_EINVAL,
			"%s:// is in the clear, but there is a security: expected coaps://",
			u.scheme);
	if (s->security == SECURITY_RPK && !ssl_has_rpk())
		return complain(
			m, LGW_ENOTSUP, "raw public keys need OpenSSL 3.2 or newer (Debian 13)");
	if (s->security == SECURITY_RPK && !s->server_public_key)
		return complain(m, LGW_EINVAL, "security \"rpk\" wants a server_public_key");
	if (s->security == SECURITY_X509 && !s->certificate)
		return complain(m, LGW_EINVAL, "security \"x509\" wants a certificate");
	return check_unused(m);
}

/* Does any of it stand where only the service can look? */
static bool of_service(const struct server_conf *s)
{
	const char *const refs[] = { s->key, s->certificate, s->private_key, s->server_public_key,
		s->server_certificate, s->ca, s->sms.key };

	for (size_t k = 0; k < ARRAY_SIZE(refs); k++)
		if (refs[k] && secret_of_service(str_starts(refs[k], "derive:")
							 ? refs[k] + strlen("derive:")
							 : refs[k]))
			return true;
	return false;
}

int credentials_check(
	struct creds *set, const struct server_conf *s, bool trust, char *text, size_t size)
{
	static const struct name_parts example = { .device = "device",
		.plugin = "plugin",
		.machine = "machine",
		.serial = "serial",
		.name = "name",
		.endpoint = "endpoint" };
	struct making m = { s, &example, text, size };
	const struct cred *c;
	int r = check_fit(&m);

	if (r || (trust && of_service(s)))
		return r;
	r = credentials_get(set, s, &example, &c, text, size);
	cred_unref(c);
	if (!r || r == LGW_ENOENT) {
		r = credentials_get_sms(set, s, &example, &c, text, size);
		cred_unref(c);
	}
	return r == LGW_ENOENT ? LGW_OK : r; /* the device of the example has no key, of course */
}

int credentials_get_sms(struct creds *set, const struct server_conf *s,
	const struct name_parts *parts, const struct cred **out, char *text, size_t size)
{
	struct server_conf sms = {
		.security = s->sms.security, .identity = s->sms.identity, .key = s->sms.key
	};

	return credentials_get(set, &sms, parts, out, text, size);
}

void credentials_wipe(struct server_conf *s)
{
	if (s->sms.key)
		mem_wipe(s->sms.key, strlen(s->sms.key));
	if (s->key)
		mem_wipe(s->key, strlen(s->key));
	if (s->private_key)
		mem_wipe(s->private_key, strlen(s->private_key));
}
