/* SPDX-License-Identifier: BSD-3-Clause */
/* GLib's default main context driven by our loop. */
#ifndef LOOP_GLIB_H
#define LOOP_GLIB_H

#include "loop/loop.h"

struct loop_glib;
struct loop_glib *loop_glib_new(struct loop *l);
void loop_glib_free(struct loop_glib *g);

#endif
