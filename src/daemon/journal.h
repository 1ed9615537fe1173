/* SPDX-License-Identifier: BSD-3-Clause */
/* Where log lines go. */
#ifndef DAEMON_JOURNAL_H
#define DAEMON_JOURNAL_H

#include "conf/conf.h"

/* Choose the sink: the journal when standard error is connected to it (target auto). */
void journal_open(enum log_target target);
/* Levels as the configuration says, then over it the one of the command line (or -1). */
void journal_levels(const struct conf_log *c, int over);

#endif
