/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include "conf/conf.h"

enum exit_status {
	EXIT_STATUS_OK = 0,
	EXIT_STATUS_FAILED = 1,
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_CONFIG = 78 /* EX_CONFIG of sysexits(3): systemd does not try again */
};

struct options {
	struct conf_paths paths;
	bool document, document_roff, version, help;
	int log_level; /* enum lgw_log_level, or -1 */
};

/* 0, or EXIT_STATUS_USAGE after a line on standard error. */
int options_parse(struct options *o, int argc, char **argv);
void options_usage(void);

#endif
