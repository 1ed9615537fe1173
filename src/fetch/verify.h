/* SPDX-License-Identifier: BSD-3-Clause */
/* Is a file what its URI promised? "…#sha256=HEX" is our own way to promise something. */
#ifndef FETCH_VERIFY_H
#define FETCH_VERIFY_H

/*
 * Make the file durable and compare its SHA-256 with the one in the fragment of uri, if there is
 * one. Blocks: for a worker. LGW_OK, LGW_EINVAL (it is another file, or the promise is none),
 * LGW_EIO.
 */
int fetch_verify(int fd, const char *uri);

#endif
