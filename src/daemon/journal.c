/* SPDX-License-Identifier: BSD-3-Clause */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "daemon/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include "util/log.h"

static void sink(void *ud, const struct log_line *l)
{
	const char *ep = l->endpoint ? l->endpoint : "", *peer = l->peer ? l->peer : "";

	(void)ud;
	sd_journal_send("MESSAGE=%s%s%s%s%s%s: %s", l->module, *ep ? " " : "", ep,
		*peer ? " [" : "", peer, *peer ? "]" : "", l->text, "PRIORITY=%d", (int)l->level,
		"MODULE=%s", l->module, "CODE_FILE=%s", l->file, "CODE_LINE=%d", l->line,
		*ep ? "ENDPOINT=%s" : NULL, ep, *peer ? "PEER=%s" : NULL, peer, NULL);
}

/* $JOURNAL_STREAM names the device and inode that standard error must have (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && !fstat(2, &st) &&
	       st.st_dev == dev && st.st_ino == ino;
}

void journal_open(enum log_target target)
{
	if (target == LOG_TARGET_AUTO)
		target = stderr_is_journal() ? LOG_TARGET_JOURNAL : LOG_TARGET_STDERR;
	switch (target) {
	case LOG_TARGET_JOURNAL:
		log_set_sink(sink, NULL);
		break;
	case LOG_TARGET_SYSLOG:
		openlog("lwm2m-gatewayd", LOG_PID, LOG_DAEMON);
		log_set_sink(log_sink_syslog, NULL);
		break;
	default:
		log_set_sink(NULL, NULL);
	}
}

void journal_levels(const struct conf_log *c, int over)
{
	const struct conf_log_module *m = c->modules.items;

	log_reset_levels((enum lgw_log_level)(over >= 0 ? over : c->level + LGW_LOG_ERR));
	for (size_t k = 0; k < c->modules.n; k++)
		log_set_level(m[k].name, (enum lgw_log_level)(m[k].level + LGW_LOG_ERR));
}
