/* SPDX-License-Identifier: BSD-3-Clause */
/* What Linux tells of this machine. */
#ifndef MACHINE_SYS_H
#define MACHINE_SYS_H

#include <stddef.h>
#include <stdint.h>

struct sys_facts {
	char manufacturer[64], model[64], serial[64]; /* DMI or device tree; may be empty */
	char hardware_version[64];
	char os[96]; /* PRETTY_NAME of os-release */
	char kernel[64];
	char hostname[64];
	char timezone[64]; /* "Europe/Paris" or empty */
};
void sys_facts_read(struct sys_facts *f);
struct sys_state {
	int64_t mem_free_kb, mem_total_kb;
};
int sys_state_read(struct sys_state *s);
#endif
