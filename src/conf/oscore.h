/* SPDX-License-Identifier: BSD-3-Clause */
/* OSCORE's keys: would two of them be the same? */
#ifndef CONF_OSCORE_H
#define CONF_OSCORE_H

#include "conf/conf.h"
#include "conf/tables.h"

/* Complains of servers[k] where its keys are no good, the same for all devices, or those of a
 * server before it. */
void conf_check_oscore(struct conf_errors *e, const struct server_conf *servers, size_t k);

#endif
