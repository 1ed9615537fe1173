/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors: functions return 0 or a negative enum lgw_status; the one table of their texts. */
#ifndef UTIL_ERR_H
#define UTIL_ERR_H

#include <lgw/status.h>

/* Text of a status, never NULL: "no such thing". */
const char *err_text(int status);
/* The status that stands for an errno value (LGW_EIO for those without one of their own). */
int err_from_errno(int e);

#endif
