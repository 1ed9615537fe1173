/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole configurations: what they become, and that every mistake names file, line and key. */
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
#include "types/format.h"
#include "util/mem.h"

static char dir[] = "/tmp/lwm2m-gateway.XXXXXX";
static struct conf_errors errors;
static bool check_only;

static void write_file(const char *name, const char *body)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(body, f);
	fclose(f);
	free(path);
}

static void remove_file(const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	unlink(path);
	free(path);
}

static struct conf *load(const char *body)
{
	char *file = xasprintf("%s/g.conf", dir), *share = xasprintf("%s/share", dir);
	const struct conf_paths paths = { file, "/nonexistent", share, check_only };
	struct conf *c;

	write_file("g.conf", body);
	conf_errors_fini(&errors);
	c = conf_load(&paths, &errors);
	free(file);
	free(share);
	return c;
}

static bool said(const char *a, const char *b)
{
	for (size_t k = 0; k < errors.n; k++)
		if (strstr(errors.lines[k], a) && strstr(errors.lines[k], b))
			return true;
	return false;
}

/* where: "g.conf:LINE:"; word: the key, or what is wrong. */
static void refused(const char *body, const char *where, const char *word)
{
	assert_null(load(body));
	if (said(where, word))
		return;
	for (size_t k = 0; k < errors.n; k++)
		print_error("%s\n", errors.lines[k]);
	fail_msg("none says %s %s", where, word);
}

static void an_empty_file(void **state)
{
	struct conf *c = load("");
	size_t n;

	(void)state;
	assert_non_null(c);
	assert_int_equal(conf_gateway(c)->nservers, 0);
	assert_string_equal(conf_gateway(c)->default_map, "standard");
	assert_int_equal(conf_gateway(c)->max_devices, 1000);
	conf_plugins(c, &n);
	assert_int_equal(n, 0);
	conf_free(c);
}

static void a_server_with_defaults(void **state)
{
	struct conf *c = load("servers = ( { uri = \"coap://a\"; } );");
	const struct server_params *s;

	(void)state;
	assert_non_null(c);
	assert_int_equal(conf_gateway(c)->nservers, 1);
	s = conf_gateway(c)->servers;
	assert_string_equal(s->account.uri, "coap://a");
	assert_int_equal(s->account.ssid, 1);
	assert_int_equal(s->account.lifetime, 300);
	assert_int_equal(s->account.disable_timeout, 86400);
	assert_true(s->account.storing);
	assert_int_equal(s->account.pmin, -1);
	assert_int_equal(s->session.ack_timeout_ms, 2000);
	assert_int_equal(s->session.max_retransmit, 4);
	assert_int_equal(s->session.nstart, 1);
	assert_int_equal(s->format, FORMAT_BY_VERSION);
	assert_true(s->deregister_on_stop);
	conf_free(c);
}

static void a_server_in_full(void **state)
{
	struct conf *c = load("servers = ( { name = \"x\"; uri = \"coap://a:1\"; ssid = 7;\n"
			      "lifetime = \"2min\"; min_period = 3; max_period = \"1500ms\";\n"
			      "on_stop = \"keep\"; version = \"1.0\"; ack_timeout = \"200ms\";\n"
			      "block_size = 64; nstart = 3; format = \"senml-json\";\n"
			      "retry_min = 2; retry_max = \"1min\"; } );");
	const struct server_params *s;

	(void)state;
	for (size_t k = 0; k < errors.n; k++)
		print_error("%s\n", errors.lines[k]);
	assert_non_null(c);
	s = conf_gateway(c)->servers;
	assert_int_equal(s->account.ssid, 7);
	assert_int_equal(s->account.lifetime, 120);
	assert_int_equal(s->account.pmin, 3);
	assert_int_equal(s->account.pmax, 2); /* whole seconds, upwards */
	assert_false(s->deregister_on_stop);
	assert_int_equal(s->session.ack_timeout_ms, 200);
	assert_int_equal(s->session.block_size, 64);
	assert_int_equal(s->session.nstart, 3);
	assert_int_equal(s->format, CF_SENML_JSON);
	assert_int_equal(s->retry_min_s, 2);
	assert_int_equal(s->retry_max_s, 60);
	conf_free(c);
}

static void mistakes(void **state)
{
	(void)state;
	refused("\nservers = ( { uri = \"coap://a\"; lifetme = 5; } );", "g.conf:2:", "lifetme");
	refused("\n\nbrokers = 5;", "g.conf:3:", "brokers");
	refused("servers = ( { uri = 5; } );", "g.conf:1:", "servers[0].uri");
	refused("servers = ( { name = \"x\"; } );", "g.conf:1:", "uri");
	refused("servers = { };", "g.conf:1:", "servers");
	refused("servers = ( 5 );", "g.conf:1:", "servers");
	refused("servers = ( { uri = \"coap://a\";\n ssid = 65535; } );", "g.conf:2:", "ssid");
	refused("servers = ( { uri = \"coap://a\"; }, { uri = \"coap://b\"; ssid = 1; } );",
		"g.conf:1:", "twice");
	refused("servers = ( { name = \"x\"; uri = \"coap://a\"; },\n"
		"{ name = \"x\"; uri = \"coap://b\"; } );",
		"g.conf:2:", "twice");
	refused("servers = ( { uri = \"coap://a\"; version = 1.1; } );", "g.conf:1:", "\"1.1\"");
	refused("servers = ( { uri = \"coap://a\"; binding = \"USQ\"; } );", "g.conf", "binding");
	refused("servers = ( { uri = \"coap://a\"; format = \"xml\"; } );", "g.conf:1:", "format");
	refused("servers = ( { uri = \"coap://a\"; retry_min = 9; retry_max = 3; } );", "g.conf",
		"retry_max");
	refused("servers = ( { uri = \"coap://a\";\nlifetime = \"soon\"; } );",
		"g.conf:2:", "lifetime");
	refused("log = {\n level = \"loud\"; };", "g.conf:2:", "log.level");
	refused("log = { level = \"info\" };\n servers = ( ;", "g.conf:2", "");
	refused("devices = {\n max = 4294967297; };", "g.conf:2", "out of range");
	refused("plugins = 5;", "g.conf:1:", "plugins");
	refused("plugins = {\n x = { }; };", "g.conf:2:", "plugins.x");
	refused("plugins = {\n x = 5; };", "g.conf:2:", "plugins.x");
	refused("maps = { a = { entries = (\n{ key = \"k\"; path = \"999/9/9\"; } ); }; };",
		"g.conf:2:", "key \"k\"");
	refused("maps = { a = { entries = ( { key = \"k\"; path = \"3303/0/5700\"; },\n"
		"{ key = \"k\"; path = \"3303/1/5700\"; } ); }; };",
		"g.conf:2:", "already");
	refused("maps = { a = { entries = (\n{ path = \"3303/0/5700\"; } ); }; };",
		"g.conf:2:", "key");
	refused("devices = {\nmap = \"nobody\"; };", "g.conf:2:", "nobody");
	refused("maps = { a = { inherit = \"b\"; }; };", "g.conf:1:", "maps.a.inherit");
	refused("devices = { endpoint = \"{machine}\"; };", "g.conf", "all devices");
	refused("devices = { endpoint = \"{who}\"; };", "g.conf", "{who}");
}

/* All of them at once, not the first one. */
#define OSCORE(more)                                                                        \
	"servers = ( { uri = \"coap://a\";\noscore = { master_secret = \"hex:0102\"; " more \
	" }; } );"

/* Two clients with one key would repeat its nonces. */
static void oscore_keys_of_their_own(void **state)
{
	static const char *const good[] = { OSCORE("id_context = \"{device}\"; sender_id = \"C\";"),
		OSCORE("master_salt = \"x{endpoint}\"; sender_id = \"C\";"),
		OSCORE("sender_id = \"c{device}\"; recipient_id = \"s{device}\";"),
		"servers = ( { uri = \"coap://a\"; for = \"e1\"; oscore = { master_secret = "
		"\"hex:0102\"; sender_id = \"C\"; }; } );" };
	static const char *const bad[] = { OSCORE("sender_id = \"C\"; recipient_id = \"S\";"),
		OSCORE("id_context = \"all\"; sender_id = \"C\";"),
		OSCORE("sender_id = \"{device}\"; recipient_id = \"S\";"),
		OSCORE("sender_id = \"C\"; recipient_id = \"{device}\";") };

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct conf *c = load(good[k]);

		assert_non_null(c);
		conf_free(c);
		refused(bad[k], "g.conf:1:", "the same keys");
	}
	refused(OSCORE("id_context = \"{device}\"; sender_id = \"C\"; since = \"soon\";"),
		"g.conf:1:", "expected a day");
}

/* One client, or two, with one key at two servers. */
static void oscore_keys_at_two_servers(void **state)
{
#define TWO(first, second) \
	"servers = ( { uri = \"coap://a\"; " first " },\n{ uri = \"coap://b\"; " second " } );"
#define KEYS(more) "oscore = { master_secret = \"hex:0102\"; " more " };"
	static const char *const good[] = {
		TWO(KEYS("id_context = \"{device}\"; sender_id = \"C\";"),
			KEYS("id_context = \"{device}2\"; sender_id = \"C\";")),
		TWO(KEYS("id_context = \"{device}\"; sender_id = \"C\";"), ""),
		TWO("for = \"a\"; " KEYS("id_context = \"{device}\"; sender_id = \"C\";"),
			"for = \"b\"; " KEYS("id_context = \"{device}\"; sender_id = \"C\";"))
	};
	static const char *const bad[] = {
		TWO(KEYS("id_context = \"{device}\"; sender_id = \"C\";"),
			KEYS("id_context = \"{device}\"; sender_id = \"C\"; recipient_id = "
			     "\"S\";")),
		TWO(KEYS("id_context = \"{device}\"; sender_id = \"C\"; recipient_id = \"S\";"),
			KEYS("id_context = \"{device}\"; sender_id = \"S\"; recipient_id = "
			     "\"T\";")),
		TWO("for = \"a\"; " KEYS("sender_id = \"C\";"),
			"for = \"b\"; " KEYS("sender_id = \"C\";"))
	};

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct conf *c = load(good[k]);

		assert_non_null(c);
		conf_free(c);
		refused(bad[k], "g.conf:2:", "the same keys as at server \"server1\"");
	}
}

/* Two accounts where one registration would replace the other. */
static void one_server_twice(void **state)
{
	struct conf *c;

	(void)state;
	refused("servers = ( { uri = \"coap://a\"; },\n{ uri = \"coap://A:5683/\"; } );",
		"g.conf:2:", "the same server as \"server1\"");
	c = load("servers = ( { uri = \"coap://a\"; for = \"gateway\"; }, "
		 "{ uri = \"coap://a\"; for = \"lamp\"; }, { uri = \"coap://a:5685\"; } );");
	assert_non_null(c);
	conf_free(c);
}

/* What only the service can look up is an error for it, and taken on trust by a check. */
static void secrets_of_the_service(void **state)
{
	static const char *const bodies[] = {
		"servers = ( { uri = \"coaps://a\"; security = \"psk\"; key = "
		"\"credential:k\"; } );",
		"servers = ( { uri = \"coaps://a\"; security = \"psk\"; key = "
		"\"derive:credential:k\"; } );",
		"servers = ( { uri = \"coaps://a\"; security = \"x509\"; certificate = "
		"\"credential:c\"; private_key = \"credential:k\"; } );",
		"servers = ( { uri = \"coap://a\"; oscore = { master_secret = \"env:NONE_SUCH\"; "
		"sender_id = \"C\"; id_context = \"{device}\"; }; } );"
	};

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	for (size_t k = 0; k < 4; k++) {
		struct conf *c;

		refused(bodies[k], "g.conf:1:", k < 3 ? "LoadCredential" : "NONE_SUCH");
		check_only = true;
		c = load(bodies[k]);
		check_only = false;
		assert_non_null(c);
		conf_free(c);
	}
	check_only = true;
	refused("servers = ( { uri = \"coaps://a\"; security = \"psk\"; key = \"file:/none\"; } "
		");",
		"g.conf:1:", "/none");
	check_only = false;
}

static void several_mistakes(void **state)
{
	(void)state;
	refused("a = 1;\nb = 2;\nservers = ( { uri = \"http://x\"; } );", "g.conf:1:", "a");
	assert_true(said("g.conf:2:", "b"));
	assert_true(said("g.conf:3:", "uri"));
}

static void drop_ins(void **state)
{
	struct conf *c;

	(void)state;
	write_file("conf.d/20-b.conf", "servers = ( { uri = \"coap://b\"; } );\n"
				       "devices = { max = 7; };");
	write_file("conf.d/10-a.conf", "devices = { max = 5; };");
	write_file("conf.d/ignored.conf~", "nonsense");
	c = load("servers = ( { uri = \"coap://a\"; } );\ndevices = { max = 3; };");
	assert_non_null(c);
	assert_int_equal(conf_gateway(c)->nservers, 2); /* lists grow */
	assert_string_equal(conf_gateway(c)->servers[1].account.uri, "coap://b");
	assert_int_equal(conf_gateway(c)->max_devices, 7); /* the last one wins */
	conf_free(c);
	write_file("conf.d/10-a.conf", "\ndevises = { };");
	refused("", "10-a.conf:2:", "devises");
	remove_file("conf.d/10-a.conf");
	remove_file("conf.d/20-b.conf");
	remove_file("conf.d/ignored.conf~");
}

static void no_file(void **state)
{
	const struct conf_paths paths = { "/nonexistent/g.conf", "/nonexistent", dir, false };

	(void)state;
	conf_errors_fini(&errors);
	assert_null(conf_load(&paths, &errors));
	assert_true(said("/nonexistent/g.conf", ""));
}

static void our_definitions_are_needed(void **state)
{
	char *file = xasprintf("%s/g.conf", dir);
	const struct conf_paths paths = { file, "/nonexistent", "/nonexistent", false };

	(void)state;
	write_file("g.conf", "");
	conf_errors_fini(&errors);
	assert_null(conf_load(&paths, &errors));
	assert_true(said("objects 0, 1 and 3", ""));
	free(file);
}

static int setup(void **state)
{
	const char *srcdir = getenv("srcdir") ? getenv("srcdir") : ".";
	char *share, *at, *to;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	share = xasprintf("%s/share", dir);
	mkdir(share, 0700);
	at = xasprintf("%s/objects", srcdir);
	to = xasprintf("%s/objects", share);
	if (symlink(at, to))
		return -1;
	free(at);
	free(to);
	at = xasprintf("%s/etc/maps", srcdir);
	to = xasprintf("%s/maps", share);
	if (symlink(at, to))
		return -1;
	free(at);
	free(to);
	free(share);
	to = xasprintf("%s/conf.d", dir);
	mkdir(to, 0700);
	free(to);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	conf_errors_fini(&errors);
	remove_file("g.conf");
	remove_file("share/objects");
	remove_file("share/maps");
	for (int k = 0; k < 2; k++) {
		char *sub = xasprintf("%s/%s", dir, k ? "share" : "conf.d");

		rmdir(sub);
		free(sub);
	}
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file),
		cmocka_unit_test(a_server_with_defaults),
		cmocka_unit_test(a_server_in_full),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(oscore_keys_of_their_own),
		cmocka_unit_test(oscore_keys_at_two_servers),
		cmocka_unit_test(one_server_twice),
		cmocka_unit_test(secrets_of_the_service),
		cmocka_unit_test(several_mistakes),
		cmocka_unit_test(drop_ins),
		cmocka_unit_test(no_file),
		cmocka_unit_test(our_definitions_are_needed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
