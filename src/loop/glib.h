/* SPDX-License-Identifier: BSD-3-Clause */
/* GLib's default main context driven by our loop. */
#ifndef LOOP_GLIB_H
#define LOOP_GLIB_H

#include "loop/loop.h"

struct loop_glib;
struct loop_glib *loop_glib_new(struct loop *l);
void loop_glib_free(struct loop_glib *g);
/* Look again at GLib's sources: needed after code outside of GLib's own callbacks made a timeout or
 * an idle source in the loop's thread, since GLib wakes only other threads for that. */
void loop_glib_kick(struct loop_glib *g);

#endif
