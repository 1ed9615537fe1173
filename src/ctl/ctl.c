/* SPDX-License-Identifier: BSD-3-Clause */
/* Options, the way to the bus, and the choice of the command. */
#include "ctl/ctl.h"

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include "config.h"

#define TIMEOUT_MS 60000 /* a write waits for its device */

enum { OPT_BUS = 256, OPT_SESSION, OPT_JSON };

static const struct option options[] = {
	{ "bus", required_argument, NULL, OPT_BUS },
	{ "session", no_argument, NULL, OPT_SESSION },
	{ "json", no_argument, NULL, 'j' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(void)
{
	puts("Usage: lwm2mctl [OPTION…] COMMAND [ARGUMENT…]\n"
	     "Shows and controls lwm2m-gatewayd.\n");
	for (const struct ctl_command *c = ctl_commands; c->name; c++)
		printf("  %-10s%-26s%s\n", c->name, c->arguments, c->help);
	puts("\nDEVICE is an endpoint name, or the id of a device within its plugin. PATH is\n"
	     "/3303/0/5700 or Temperature/0/Sensor_Value.\n\n"
	     "  -j, --json         JSON instead of text\n"
	     "      --session      the session bus instead of the system bus\n"
	     "      --bus ADDRESS  a bus at this address\n"
	     "  -V, --version      print the version and end\n"
	     "  -h, --help         print this and end\n\n"
	     "Exit status: 0 done, 1 refused or failed, 2 usage, 3 the daemon is not there.\n"
	     "See lwm2mctl(1).");
}

static bool no_daemon(const GError *err)
{
	return g_error_matches(err, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
	       g_error_matches(err, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
	       g_error_matches(err, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
	       g_error_matches(err, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED) ||
	       g_error_matches(err, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

GVariant *ctl_call(struct ctl *c, const char *object, const char *interface, const char *method,
	GVariant *args, const char *reply, int *status)
{
	GError *err = NULL;
	GVariant *v = g_dbus_connection_call_sync(c->bus, CTL_NAME, object, interface, method, args,
		reply ? G_VARIANT_TYPE(reply) : NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT_MS,
		NULL, &err);

	*status = CTL_OK;
	if (v)
		return v;
	*status = no_daemon(err) ? CTL_NO_DAEMON : CTL_FAILED;
	if (*status == CTL_NO_DAEMON) {
		fprintf(stderr, "lwm2mctl: lwm2m-gatewayd is not on the bus (systemctl status "
				"lwm2m-gateway tells whether it runs)\n");
	} else {
		g_dbus_error_strip_remote_error(err);
		fprintf(stderr, "lwm2mctl: %s%s%s\n", c->about ? c->about : "",
			c->about ? ": " : "", err->message);
	}
	g_error_free(err);
	return NULL;
}

static GDBusConnection *connect_to(const char *address, bool session, GError **err)
{
	if (!address)
		return g_bus_get_sync(session ? G_BUS_TYPE_SESSION : G_BUS_TYPE_SYSTEM, NULL, err);
	return g_dbus_connection_new_for_address_sync(address,
		G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
			G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
		NULL, NULL, err);
}

static void command_usage(FILE *out, const struct ctl_command *cmd)
{
	fprintf(out, "Usage: lwm2mctl %s%s%s\n", cmd->name, *cmd->arguments ? " " : "",
		cmd->arguments);
}

/* --json may stand behind the command, too, up to a "--"; how many arguments remain. */
static int take_json(struct ctl *c, int argc, char **argv)
{
	bool literal = false;
	int n = 0;

	for (int k = 0; k < argc; k++)
		if (!literal && !strcmp(argv[k], "--"))
			literal = true;
		else if (!literal && (!strcmp(argv[k], "--json") || !strcmp(argv[k], "-j")))
			c->json = true;
		else
			argv[n++] = argv[k];
	return n;
}

static int run(const struct ctl_command *cmd, struct ctl *c, const char *address, bool session,
	int argc, char **argv)
{
	GError *err = NULL;
	int status;

	c->bus = connect_to(address, session, &err);
	if (!c->bus) {
		fprintf(stderr, "lwm2mctl: no bus: %s\n", err->message);
		g_error_free(err);
		return CTL_NO_DAEMON;
	}
	g_dbus_connection_set_exit_on_close(c->bus, FALSE);
	status = cmd->run(c, argc, argv);
	g_object_unref(c->bus);
	if (status == CTL_USAGE)
		command_usage(stderr, cmd);
	return fflush(stdout) || ferror(stdout) ? CTL_FAILED : status;
}

static const struct ctl_command *find(const char *name)
{
	for (const struct ctl_command *c = ctl_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

int ctl_main(int argc, char **argv)
{
	struct ctl c = { .json = false };
	const struct ctl_command *cmd;
	const char *address = NULL;
	bool session = false;
	int o;

	setlocale(LC_ALL, "");
	while ((o = getopt_long(argc, argv, "+jVh", options, NULL)) != -1)
		switch (o) {
		case OPT_BUS:
			address = optarg;
			break;
		case OPT_SESSION:
			session = true;
			break;
		case 'j':
			c.json = true;
			break;
		case 'V':
			puts("lwm2mctl " PACKAGE_VERSION);
			return CTL_OK;
		case 'h':
			usage();
			return CTL_OK;
		default:
			return CTL_USAGE;
		}
	cmd = optind < argc ? find(argv[optind]) : NULL;
	if (!cmd) {
		fprintf(stderr,
			optind < argc ? "lwm2mctl: no command \"%s\"; see lwm2mctl --help\n"
				      : "lwm2mctl: no command%s; see lwm2mctl --help\n",
			optind < argc ? argv[optind] : "");
		return CTL_USAGE;
	}
	argv += optind + 1;
	argc = take_json(&c, argc - optind - 1, argv);
	if (argc == 1 && !strcmp(argv[0], "--help")) {
		command_usage(stdout, cmd);
		return CTL_OK;
	}
	if (argc < cmd->min || (cmd->max >= 0 && argc > cmd->max)) {
		command_usage(stderr, cmd);
		return CTL_USAGE;
	}
	return run(cmd, &c, address, session, argc, argv);
}
