/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory of bounded objects of ours: these abort when it runs out. */
#ifndef MQTT_MEM_H
#define MQTT_MEM_H

#include <stddef.h>

void *mem_zero(size_t n, size_t size);
void *mem_grow(void *p, size_t n, size_t size);
char *mem_dup(const char *s); /* NULL stays NULL */
char *mem_dupn(const char *s, size_t len);
void mem_wipe(char *secret); /* and free; takes NULL */

#endif
