/* SPDX-License-Identifier: BSD-3-Clause */
/* Levels of log lines; the same numbers as syslog(3). */
#ifndef LGW_LOG_H
#define LGW_LOG_H

enum lgw_log_level {
	LGW_LOG_ERR = 3,
	LGW_LOG_WARNING = 4,
	LGW_LOG_NOTICE = 5,
	LGW_LOG_INFO = 6,
	LGW_LOG_DEBUG = 7
};

#endif
