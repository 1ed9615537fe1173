/* SPDX-License-Identifier: BSD-3-Clause */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "config.h"
#include "conf/conf.h"
#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "daemon/options.h"

#define SERVICE_USER "lwm2m-gateway"

static void print(void *ud, const char *line)
{
	(void)ud;
	puts(line);
}

/* Root may read what the service may not: its configuration is checked with its own rights. */
static int become_service(void)
{
	const struct passwd *pw = getuid() ? NULL : getpwnam(SERVICE_USER);

	if (!pw || (!initgroups(pw->pw_name, pw->pw_gid) && !setgid(pw->pw_gid) &&
			   !setuid(pw->pw_uid)))
		return EXIT_STATUS_OK;
	fprintf(stderr, "lwm2m-gatewayd: user " SERVICE_USER ": %m\n");
	return EXIT_STATUS_FAILED;
}

static struct conf *load(const struct options *o)
{
	struct conf_errors errors;
	struct conf *c = conf_load(&o->paths, &errors);

	for (size_t k = 0; k < errors.n; k++)
		fprintf(stderr, "%s\n", errors.lines[k]);
	conf_errors_fini(&errors);
	return c;
}

int main(int argc, char **argv)
{
	struct options o;
	struct conf *c;
	struct daemon *d;
	int r = options_parse(&o, argc, argv);

	if (r)
		return r;
	if (o.help) {
		options_usage();
		return EXIT_STATUS_OK;
	}
	if (o.version) {
		puts(PACKAGE_STRING);
		return EXIT_STATUS_OK;
	}
	if (o.document)
		return conf_document(o.paths.plugindir, o.document_roff, print, NULL)
			       ? EXIT_STATUS_FAILED
			       : EXIT_STATUS_OK;
	if (o.paths.check && !o.paths.file && become_service())
		return EXIT_STATUS_FAILED;
	c = load(&o);
	if (!c)
		return EXIT_STATUS_CONFIG;
	if (o.paths.check) {
		conf_free(c);
		puts("configuration is valid");
		return EXIT_STATUS_OK;
	}
	journal_open((enum log_target)conf_log(c)->target);
	journal_levels(conf_log(c), o.log_level);
	d = daemon_new(c, &o.paths, o.log_level);
	r = d ? daemon_run(d) : EXIT_STATUS_FAILED;
	daemon_free(d);
	return r;
}
