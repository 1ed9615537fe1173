/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "util/log.h"

static const struct option longs[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, 'C' },
	{ "log-level", required_argument, NULL, 'l' },
	{ "plugindir", required_argument, NULL, 'P' },
	{ "sharedir", required_argument, NULL, 'S' },
	{ "options", optional_argument, NULL, 'O' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

void options_usage(void)
{
	puts("Usage: lwm2m-gatewayd [OPTION…]\n"
	     "Bridges local devices to LwM2M servers.\n\n"
	     "  -c, --config FILE      configuration (" LGW_CONFDIR "/lwm2m-gateway.conf);\n"
	     "                         conf.d/*.conf beside it is read as well\n"
	     "      --check            check the configuration and end\n"
	     "  -l, --log-level LEVEL  err, warning, notice, info or debug, over the "
	     "configuration\n"
	     "      --plugindir DIR    where plugins lie\n"
	     "      --sharedir DIR     where shipped maps and object definitions lie\n"
	     "      --options[=roff]   describe all options of the configuration and end\n"
	     "  -V, --version          print the version and end\n"
	     "  -h, --help             print this and end\n\n"
	     "Exit status: 0 ended as asked, 1 failed, 2 usage, 78 broken configuration.\n"
	     "See lwm2m-gatewayd(8), lwm2m-gateway.conf(5).");
}

int options_parse(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){ .log_level = -1 };
	while ((c = getopt_long(argc, argv, "c:l:Vh", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->paths.file = optarg;
			break;
		case 'C':
			o->paths.check = true;
			break;
		case 'l':
			o->log_level = log_level_parse(optarg);
			if (o->log_level < 0) {
				fprintf(stderr, "lwm2m-gatewayd: \"%s\" is no log level\n", optarg);
				return EXIT_STATUS_USAGE;
			}
			break;
		case 'P':
			o->paths.plugindir = optarg;
			break;
		case 'S':
			o->paths.sharedir = optarg;
			break;
		case 'O':
			o->document = true;
			o->document_roff = optarg && !strcmp(optarg, "roff");
			break;
		case 'V':
			o->version = true;
			break;
		case 'h':
			o->help = true;
			break;
		default:
			fputs("Try 'lwm2m-gatewayd --help'.\n", stderr);
			return EXIT_STATUS_USAGE;
		}
	}
	if (optind == argc)
		return 0;
	fprintf(stderr, "lwm2m-gatewayd: unexpected argument \"%s\"\n", argv[optind]);
	return EXIT_STATUS_USAGE;
}
