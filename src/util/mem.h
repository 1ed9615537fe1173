/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of our own bounded objects: these abort when it runs out. A size that a peer or a file
 * chose is checked against a limit before it gets here.
 */
#ifndef UTIL_MEM_H
#define UTIL_MEM_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s); /* NULL stays NULL */
void *xmemdup(const void *p, size_t len);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Overwrite a secret; never optimised away. */
void mem_wipe(void *p, size_t len);
/* Wipe and free a NUL-terminated secret; takes NULL. */
void mem_wipe_str(char *s);

#define ARRAY_SIZE(a)                   (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
