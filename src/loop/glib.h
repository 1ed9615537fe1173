/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GLib's default main context driven by our loop. A timeout or an idle source that is made in the
 * loop's thread outside of GLib's own callbacks is seen with GLib's next turn, not before: GLib
 * wakes only other threads.
 */
#ifndef LOOP_GLIB_H
#define LOOP_GLIB_H

#include "loop/loop.h"

struct loop_glib;
struct loop_glib *loop_glib_new(struct loop *l);
void loop_glib_free(struct loop_glib *g);

#endif
