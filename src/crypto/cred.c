/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/cred.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include "crypto/keyform.h"
#include "util/err.h"
#include "util/map.h"
#include "util/mem.h"
#include "util/wr.h"

struct creds {
	struct map map;
};

static uint64_t digest_hash(const void *key, uint64_t seed)
{
	return map_hash_bytes(key, sizeof(((struct cred *)0)->digest), seed);
}

static bool digest_match(const void *key, const void *item)
{
	const struct cred *c = item;

	return !memcmp(key, c->digest, sizeof(c->digest));
}

static const void *digest_key(const void *item)
{
	return ((const struct cred *)item)->digest;
}

static const struct map_ops digest_ops = { digest_hash, digest_match, digest_key };

struct creds *creds_new(void)
{
	struct creds *set = xcalloc(1, sizeof(*set));

	map_init(&set->map, &digest_ops);
	return set;
}

void creds_free(struct creds *set)
{
	if (!set)
		return;
	assert(map_count(&set->map) == 0);
	map_fini(&set->map);
	free(set);
}

/* --- checks -------------------------------------------------------------------------------- */

static int complain(char *text, size_t size, int status, const char *what)
{
	snprintf(text, size, "%s", what);
	return status;
}

static int check_psk(const struct cred_params *p, char *text, size_t size)
{
	if (!p->identity.len || p->identity.len > CRED_IDENTITY_MAX)
		return complain(text, size, LGW_EINVAL, "the identity has 1 to 128 bytes");
	if (memchr(p->identity.p, 0, p->identity.len))
		return complain(text, size, LGW_EINVAL, "the identity contains a NUL byte");
	if (!p->secret.len || p->secret.len > CRED_PSK_MAX)
		return complain(text, size, LGW_EINVAL, "the key has 1 to 64 bytes");
	return LGW_OK;
}

static int check_sizes(const struct cred_params *p, char *text, size_t size)
{
	const struct cred_bytes *b[] = { &p->identity, &p->server, &p->secret };

	for (size_t k = 0; k < ARRAY_SIZE(b); k++)
		if (b[k]->len > CRED_BYTES_MAX)
			return complain(text, size, LGW_ETOOBIG, "a key or chain over 16 KiB");
	if (p->nsuites > CRED_SUITES_MAX)
		return complain(text, size, LGW_ETOOBIG, "more than 16 ciphersuites");
	if (p->usage > CRED_USAGE_DOMAIN || p->matching > CRED_MATCH_SHA512)
		return complain(text, size, LGW_EINVAL, "certificate usage or matching type");
	return LGW_OK;
}

/* --- parsing ------------------------------------------------------------------------------- */

static int take_private(struct cred *c, char *text, size_t size)
{
	if (c->p.secret_uri)
		return keyform_uri(&c->key, c->p.secret_uri, text, size);
	if (keyform_private(&c->key, c->p.secret.p, c->p.secret.len))
		return complain(text, size, LGW_EINVAL,
			"the private key is none: expected PKCS#8 or SEC1, unencrypted");
	return LGW_OK;
}

static int take_rpk(struct cred *c, char *text, size_t size)
{
	EVP_PKEY *own = NULL;
	int r = take_private(c, text, size), same;

	if (r)
		return r;
	if (keyform_public(&c->server_key, c->p.server.p, c->p.server.len))
		return complain(text, size, LGW_EINVAL, "the server's public key is none");
	if (!c->p.identity.len)
		return LGW_OK;
	if (keyform_public(&own, c->p.identity.p, c->p.identity.len))
		return complain(text, size, LGW_EINVAL, "the own public key is none");
	same = EVP_PKEY_eq(own, c->key);
	EVP_PKEY_free(own);
	/* A token need not show its public half: then there is nothing to compare. */
	if (same == 0)
		return complain(text, size, LGW_EINVAL,
			"public and private key do not belong "
			"together");
	return LGW_OK;
}

static size_t digest_len(enum cred_matching m)
{
	return m == CRED_MATCH_SHA256 ? 32 : m == CRED_MATCH_SHA384 ? 48 : 64;
}

/* What the server is known by: a certificate, kept as DER, or its digest. */
static int take_pin(struct cred *c, char *text, size_t size)
{
	struct cred_bytes *b = &c->p.server;
	STACK_OF(X509) * list;
	uint8_t *der = NULL;
	int n;

	if (!b->len)
		return LGW_OK;
	if (c->p.matching != CRED_MATCH_EXACT)
		return b->len == digest_len(c->p.matching)
			       ? LGW_OK
			       : complain(text, size, LGW_EINVAL,
					 "the server certificate's digest has another length than "
					 "its matching type");
	if (keyform_certs(&list, b->p, b->len))
		return complain(text, size, LGW_EINVAL, "the server certificate is none");
	n = i2d_X509(sk_X509_value(list, 0), &der);
	sk_X509_pop_free(list, X509_free);
	if (n <= 0)
		return complain(text, size, LGW_EINVAL, "the server certificate is none");
	free((void *)(uintptr_t)b->p);
	b->p = xmemdup(der, (size_t)n);
	b->len = (size_t)n;
	OPENSSL_free(der);
	return LGW_OK;
}

static int take_x509(struct cred *c, char *text, size_t size)
{
	int r = take_private(c, text, size);

	if (r)
		return r;
	if (keyform_certs(&c->chain, c->p.identity.p, c->p.identity.len))
		return complain(text, size, LGW_EINVAL, "the own certificate is none");
	if (X509_check_private_key(sk_X509_value(c->chain, 0), c->key) != 1 && !c->p.secret_uri)
		return complain(text, size, LGW_EINVAL,
			"certificate and private key do not belong together");
	if (c->p.trust.len && keyform_certs(&c->trust, c->p.trust.p, c->p.trust.len))
		return complain(text, size, LGW_EINVAL, "the authorities' certificates are none");
	return take_pin(c, text, size);
}

/* --- life ---------------------------------------------------------------------------------- */

static void put(EVP_MD_CTX *md, const void *p, size_t len)
{
	uint64_t n = len;

	EVP_DigestUpdate(md, &n, sizeof(n)); /* so that fields cannot flow into each other */
	EVP_DigestUpdate(md, p, len);
}

static void put_str(EVP_MD_CTX *md, const char *s)
{
	put(md, s ? s : "", s ? strlen(s) + 1 : 0);
}

static int digest_of(const struct cred_params *p, uint8_t out[32])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int fixed[] = { p->mode, p->usage, p->matching };
	int ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL);

	if (ok) {
		put(md, fixed, sizeof(fixed));
		put(md, p->identity.p, p->identity.len);
		put(md, p->server.p, p->server.len);
		put(md, p->secret.p, p->secret.len);
		put(md, p->trust.p, p->trust.len);
		put_str(md, p->secret_uri);
		put_str(md, p->sni);
		put(md, p->suites, p->nsuites * sizeof(p->suites[0]));
		ok = EVP_DigestFinal_ex(md, out, NULL);
	}
	EVP_MD_CTX_free(md);
	return ok ? LGW_OK : LGW_EINTERNAL;
}

static struct cred_bytes dup(struct cred_bytes b)
{
	return (struct cred_bytes){ b.len ? xmemdup(b.p, b.len) : NULL, b.len };
}

static void wipe(struct cred_bytes b)
{
	if (b.p)
		mem_wipe((void *)(uintptr_t)b.p, b.len);
	free((void *)(uintptr_t)b.p);
}

static void release(struct cred *c)
{
	EVP_PKEY_free(c->key);
	EVP_PKEY_free(c->server_key);
	sk_X509_pop_free(c->chain, X509_free);
	sk_X509_pop_free(c->trust, X509_free);
	wipe(c->p.identity);
	wipe(c->p.server);
	wipe(c->p.secret);
	wipe(c->p.trust);
	mem_wipe_str((char *)(uintptr_t)c->p.secret_uri);
	free((char *)(uintptr_t)c->p.sni);
	free(c);
}

static int parse(struct cred *c, char *text, size_t size)
{
	switch (c->p.mode) {
	case CRED_PSK:
		return check_psk(&c->p, text, size);
	case CRED_RPK:
		return take_rpk(c, text, size);
	case CRED_X509:
		return take_x509(c, text, size);
	}
	return complain(text, size, LGW_ENOTSUP, "this security mode is not supported");
}

int cred_new(struct creds *set, const struct cred_params *p, const struct cred **out, char *text,
	size_t size)
{
	uint8_t digest[32];
	struct cred *c;
	int r = check_sizes(p, text, size);

	*out = NULL;
	r = r ? r : digest_of(p, digest);
	if (r)
		return r;
	c = set ? map_get(&set->map, digest) : NULL;
	if (c) {
		*out = cred_ref(c);
		return LGW_OK;
	}
	c = xcalloc(1, sizeof(*c));
	c->p = *p;
	c->p.identity = dup(p->identity);
	c->p.server = dup(p->server);
	c->p.secret = dup(p->secret);
	c->p.trust = dup(p->trust);
	c->p.secret_uri = xstrdup(p->secret_uri);
	c->p.sni = xstrdup(p->sni);
	memcpy(c->digest, digest, sizeof(digest));
	c->refs = 1;
	r = parse(c, text, size);
	if (r) {
		release(c);
		return r;
	}
	c->set = set;
	if (set)
		map_put(&set->map, c);
	*out = c;
	return LGW_OK;
}

/* Counting is no change of what the credentials are. */
static struct cred *counted(const struct cred *c)
{
	return (struct cred *)(uintptr_t)c;
}

const struct cred *cred_ref(const struct cred *c)
{
	if (c)
		counted(c)->refs++;
	return c;
}

void cred_unref(const struct cred *c)
{
	if (!c || --counted(c)->refs)
		return;
	if (c->set)
		map_take(&c->set->map, c->digest);
	release(counted(c));
}

bool cred_eq(const struct cred *a, const struct cred *b)
{
	return a == b || (a && b && !memcmp(a->digest, b->digest, sizeof(a->digest)));
}
