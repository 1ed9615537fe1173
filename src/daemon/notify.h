/* SPDX-License-Identifier: BSD-3-Clause */
/* What the service manager is told (sd_notify(3)). */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
void notify_status(const char *text);
void notify_watchdog(void);
/* How often the watchdog wants to be fed, in ms; 0: there is none. */
int64_t notify_watchdog_ms(void);

#endif
