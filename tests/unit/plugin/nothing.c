/* SPDX-License-Identifier: BSD-3-Clause */
/* A shared object without a descriptor. */
#include <lgw/plugin.h>

LGW_PLUGIN const int not_a_plugin;
const int not_a_plugin = 1;
