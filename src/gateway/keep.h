/* SPDX-License-Identifier: BSD-3-Clause */
/* Small files that are there whole or not at all, whatever happens while they are written. */
#ifndef GATEWAY_KEEP_H
#define GATEWAY_KEEP_H

#include <stddef.h>
#include <stdint.h>

struct rd;
struct wr;

/* Write DIR/NAME, durable when it returns. LGW_EIO, with errno. */
int keep_write(const char *dir, const char *name, const void *p, size_t len);
/* Read it; its length, or LGW_ENOENT, LGW_EIO, LGW_ETOOBIG. */
int keep_read(const char *dir, const char *name, void *buf, size_t cap);
/* DIR with those above it; 0700. LGW_EIO, with errno. */
int keep_dir(const char *dir);
/* Texts of 255 bytes at most inside of a file: a byte for the length, then they. The cursor fails
 * where there is something else. */
#define KEEP_TEXT_MAX 255
void keep_put_text(struct wr *w, const char *s);
void keep_get_text(struct rd *r, char out[KEEP_TEXT_MAX + 1]);
/* A name for a file from any text: letters, digits and a few more stay, others become %xx. The
 * caller frees it. */
char *keep_name(const char *text);

#endif
