/* SPDX-License-Identifier: BSD-3-Clause */
/* What objects 9 and 14 share: private to this folder. */
#ifndef OBJECTS_SOFTWARE_STATE_H
#define OBJECTS_SOFTWARE_STATE_H

#include <sys/queue.h>
#include "objects/software.h"
#include "objects/state.h"

enum { OID_SOFTWARE = 9, OID_COMPONENT = 14 };

struct software {
	struct objects *o;
	const struct software_backend *be;
	void *ud;
	LIST_HEAD(, package) packages;
	unsigned npackages, refs; /* refs: objects that are there */
	int transfer;             /* number of the last push */
};

struct package {
	LIST_ENTRY(package) next;
	struct software *all;
	uint16_t iid;
	struct software_record r;
	int transfer;
	bool pushing, shown, components_shown;
};

struct package *package_find(const struct software *s, uint16_t iid);
void package_save(struct package *k);
void package_run(struct package *k, enum software_job job, unsigned component);

/* o14_component.c */
void components_add(struct software *s); /* the object, without instances */
/* Instances of object 14 for the components of an installed package, and its links to them. */
void components_show(struct package *k);
void components_drop(struct package *k);
void software_unref(struct software *s);

#endif
