/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon's event loop as a plugin sees it: handles made by struct lgw_host. */
#ifndef LGW_LOOP_H
#define LGW_LOOP_H

#ifdef __cplusplus
extern "C" {
#endif

struct lgw_timer; /* fires once each time it is set */
struct lgw_io;    /* a watched file descriptor */

enum { LGW_IO_READ = 1u << 0, LGW_IO_WRITE = 1u << 1 };

typedef void (*lgw_timer_fn)(void *ud);
typedef void (*lgw_io_fn)(void *ud, int fd, unsigned events);
typedef void (*lgw_post_fn)(void *ud);

#ifdef __cplusplus
}
#endif
#endif
