/* SPDX-License-Identifier: BSD-3-Clause */
/* What libconfig swallows without a word. */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include <stddef.h>

/* The line of an integer over 31 bits without L (libconfig 1.5 would wrap it), or 0. */
unsigned scan_overflow(const char *p, size_t len);

#endif
