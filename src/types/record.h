/* SPDX-License-Identifier: BSD-3-Clause */
/* The one shape that every content format speaks. */
#ifndef TYPES_RECORD_H
#define TYPES_RECORD_H

#include "types/path.h"
#include "types/value.h"

struct record {
	struct path path; /* of a resource or resource instance; of an instance or a multiple
			     resource when it is there but empty (value VT_NONE) */
	struct value value;
	int64_t time_ms;  /* Unix time of the value in ms; 0: not said */
	const char *unit; /* that the value comes with; NULL: not said */
};

/* Takes one record (a loan); not 0 stops the producer, which returns that status. */
typedef int (*record_fn)(void *ud, const struct record *r);

#endif
