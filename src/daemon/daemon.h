/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon as a whole: everything wired together, from a configuration to a running loop. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "conf/conf.h"

struct daemon;

/* Takes conf over; log_level as on the command line, or -1. NULL when something essential could not
 * be made (logged). */
struct daemon *daemon_new(struct conf *conf, const struct conf_paths *paths, int log_level);
/* Runs until a signal ends it; the exit status. */
int daemon_run(struct daemon *d);
void daemon_free(struct daemon *d);

#endif
