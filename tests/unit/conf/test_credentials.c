/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys of devices out of the options of a server; mistakes told with file and line, without keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "conf/conf.h"
#include "crypto/cred.h"
#include "gateway/names.h"
#include "transport/ssl.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/mem.h"

#define HEX     "30313233343536373839616263646566" /* 0123456789abcdef */
#define DERIVED "3599eef96ff573def3023d474d833099435c9ccc17092c1ba71db1389e69b020"

static char dir[] = "/tmp/lwm2m-gateway.XXXXXX";
static struct conf_errors errors;
static char text[512];

static void write_file(const char *name, const char *body)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(body, f);
	fclose(f);
	free(path);
}

/* "@" in the options stands for the folder. */
static struct conf *load(const char *uri, const char *options)
{
	char *file = xasprintf("%s/g.conf", dir), *share = xasprintf("%s/share", dir), *body;
	const struct conf_paths paths = { file, "/nonexistent", share, false };
	char filled[1024] = "";
	struct conf *c;

	for (const char *o = options; *o; o++)
		snprintf(filled + strlen(filled), sizeof(filled) - strlen(filled), "%.*s",
			*o == '@' ? (int)strlen(dir) : 1, *o == '@' ? dir : o);
	body = xasprintf(
		"servers = (\n{ uri = \"%s\"; %s } );\nmaps = { standard = { }; };\n", uri, filled);
	write_file("g.conf", body);
	conf_errors_fini(&errors);
	c = conf_load(&paths, &errors);
	free(body);
	free(file);
	free(share);
	return c;
}

static void refused(const char *uri, const char *options, const char *word)
{
	struct conf *c = load(uri, options);
	bool found = false;

	assert_null(c);
	for (size_t k = 0; k < errors.n; k++) {
		found = found ||
			(strstr(errors.lines[k], "g.conf:2:") && strstr(errors.lines[k], word));
		assert_null(strstr(errors.lines[k], "0123456789"));
		assert_null(strstr(errors.lines[k], "3031323334"));
	}
	if (!found)
		fail_msg("\"%s\" not told but: %s", word, errors.n ? errors.lines[0] : "nothing");
}

static int credentials(struct conf *c, const char *endpoint, const struct cred **out)
{
	const struct gateway_params *p = conf_gateway(c);
	const struct name_parts parts = { .device = "dev/1",
		.plugin = "sim",
		.machine = "m",
		.serial = "s",
		.name = "..",
		.endpoint = endpoint };

	return p->credentials(p->credentials_ud, 0, false, &parts, out, text, sizeof(text));
}

static void expect_psk(
	const char *options, const char *endpoint, const char *identity, const char *hex)
{
	struct conf *c = load("coaps://server", options);
	const struct cred *cred;
	char got[2 * CRED_PSK_MAX + 1];

	if (!c)
		fail_msg("%s", errors.lines[0]);
	if (credentials(c, endpoint, &cred))
		fail_msg("%s", text);
	assert_int_equal(conf_gateway(c)->servers[0].account.security, SEC_PSK);
	assert_int_equal(cred->p.identity.len, strlen(identity));
	assert_memory_equal(cred->p.identity.p, identity, strlen(identity));
	hex_encode(got, cred->p.secret.p, cred->p.secret.len);
	assert_string_equal(got, hex);
	cred_unref(cred);
	conf_free(c);
}

static void expect_missing(const char *options, const char *endpoint, int status)
{
	struct conf *c = load("coaps://server", options);
	const struct cred *cred;

	if (!c)
		fail_msg("%s", errors.lines[0]);
	assert_int_equal(credentials(c, endpoint, &cred), status);
	assert_null(cred);
	conf_free(c);
}

static void forms_of_a_key(void **state)
{
	write_file("key", HEX "\n");
	write_file("urn:1.key", "base64:AAEC\n");
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	setenv("LGW_TEST_KEY", "00ff", 1);
	expect_psk("security = \"psk\"; key = \"" HEX "\";", "urn:1", "urn:1", HEX);
	expect_psk("security = \"psk\"; key = \"base64:AAEC\"; identity = \"gw\";", "e", "gw",
		"000102");
	expect_psk("security = \"psk\"; key = \"file:@/key\"; identity = \"{plugin}-{device}\";",
		"e", "sim-dev-1", HEX);
	expect_psk("security = \"psk\"; key = \"credential:key\";", "e", "e", HEX);
	expect_psk("security = \"psk\"; key = \"env:LGW_TEST_KEY\";", "e", "e", "00ff");
	expect_psk(
		"security = \"psk\"; key = \"file:@/{endpoint}.key\";", "urn:1", "urn:1", "000102");
	expect_missing("security = \"psk\"; key = \"file:@/{endpoint}.key\";", "urn:2", LGW_ENOENT);
	expect_missing("security = \"psk\"; key = \"file:@/{name}/key\";", "urn:2", LGW_EINVAL);
}

static void a_table_of_500(void **state)
{
	char *body = xcalloc(1, 65536);
	size_t n = 0;

	n += (size_t)snprintf(body, 65536, "# identity:key\n");
	for (unsigned k = 0; k < 500; k++)
		n += (size_t)snprintf(body + n, 65536 - n, "urn:dev:%u:%08x\n", k, k);
	write_file("table", body);
	free(body);
	expect_psk("security = \"psk\"; key = \"table:@/table\";", "urn:dev:7", "urn:dev:7",
		"00000007");
	expect_psk("security = \"psk\"; key = \"table:@/table\";", "urn:dev:499", "urn:dev:499",
		"000001f3");
	expect_missing("security = \"psk\"; key = \"table:@/table\";", "urn:dev:500", LGW_ENOENT);
	refused("coaps://server", "security = \"psk\"; key = \"table:@/none\";", "/none");
}

/* printf %s urn:1 | openssl dgst -sha256 -mac HMAC -macopt hexkey:3031… */
static void keys_derived_from_one(void **state)
{
	write_file("master", HEX "\n");
	write_file("short", "0011\n");
	expect_psk(
		"security = \"psk\"; key = \"derive:file:@/master\";", "urn:1", "urn:1", DERIVED);
	refused("coaps://server", "security = \"psk\"; key = \"derive:file:@/short\";",
		"at least 16 bytes");
}

static void mistakes(void **state)
{
	refused("coaps://server", "", "wants security");
	refused("coap://server", "security = \"psk\"; key = \"" HEX "\";", "in the clear");
	refused("coap://server", "key = \"" HEX "\";", "key does not go with");
	refused("coaps://server", "security = \"psk\";", "wants a key");
	refused("coaps://server", "security = \"psk\"; key = \"0123456789x\";", "hexadecimal");
	refused("coaps://server", "security = \"psk\"; key = \"file:/none/key\";", "/none/key");
	refused("coaps://server", "security = \"psk\"; key = \"00\"; identity = \"{nobody}\";",
		"identity: a template");
	refused("coaps://server", "security = \"psk\"; key = \"00\"; ca = \"file:/x\";", "ca");
	refused("coaps://server",
		"security = \"psk\"; key = \"00\"; ciphersuites = [ \"TLS_NULL\" ];", "TLS_NULL");
	refused("coaps://server",
		"security = \"psk\"; key = \"00\"; ciphersuites = [ "
		"\"TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8\" ];",
		"does not go");
	refused("coaps://server", "security = \"x509\";", "certificate");
	refused("coaps://server", "security = \"x509\"; certificate = \"file:@/key\";",
		"private_key");
	refused("coaps://server",
		"security = \"x509\"; certificate = \"file:@/key\"; private_key = \"file:@/key\";",
		"private key is none");
	refused("coaps://server",
		"security = \"x509\"; certificate = \"key.pem\"; private_key = \"file:@/key\";",
		"expected \"file:");
	refused("coaps://server", "security = \"rpk\";",
		ssl_has_rpk() ? "server_public_key" : "OpenSSL 3.2");
}

static int setup(void **state)
{
	char *share, cmd[200];

	if (!mkdtemp(dir))
		return -1;
	snprintf(cmd, sizeof(cmd), "%s/objects", getenv("srcdir") ? getenv("srcdir") : ".");
	share = xasprintf("%s/share", dir);
	if (mkdir(share, 0700))
		return -1;
	free(share);
	share = xasprintf("%s/share/objects", dir);
	if (symlink(cmd, share))
		return -1;
	free(share);
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "g.conf", "key", "urn:1.key", "table", "master",
		"short", "share/objects" };

	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		char *path = xasprintf("%s/%s", dir, names[k]);

		unlink(path);
		free(path);
	}
	conf_errors_fini(&errors);
	snprintf(text, sizeof(text), "%s/share", dir);
	return rmdir(text) || rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_of_a_key),
		cmocka_unit_test(a_table_of_500),
		cmocka_unit_test(keys_derived_from_one),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
