/* SPDX-License-Identifier: BSD-3-Clause */
/* Who we are to others. */
#ifndef DAEMON_MACHINE_ID_H
#define DAEMON_MACHINE_ID_H

#include <stdbool.h>

/* 32 hex digits derived from the machine id for this application, not the id itself
 * (machine-id(5)); zeros where there is none. */
void machine_id_read(char out[33]);
/* 32 hex digits that change with each start of the machine; false where there are none. */
bool boot_id_read(char out[33]);

#endif
