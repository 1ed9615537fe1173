/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of options. One table describes a group of the configuration file: names, types, ranges,
 * defaults and help. From it come the parser, the errors with file and line, `--check`, and the
 * manual page. A filled group is a plain C struct; the table says at which offset each option is.
 */
#ifndef LGW_CONF_H
#define LGW_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <lgw/value.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lgw_option_type {
	LGW_OPT_BOOL,     /* bool */
	LGW_OPT_INT,      /* int64_t, within [min, max] */
	LGW_OPT_REAL,     /* double, within [min, max]; whole numbers are accepted */
	LGW_OPT_STRING,   /* char *, NULL if absent and without default */
	LGW_OPT_SECRET,   /* char *; never printed; "file:PATH", "env:NAME" and
			     "credential:NAME" are resolved while loading */
	LGW_OPT_CHOICE,   /* int: index into choices[] */
	LGW_OPT_DURATION, /* int64_t milliseconds; "500ms", "5s", "10min", "2h", "7d"; a bare
			     number is seconds; within [min, max] milliseconds */
	LGW_OPT_SIZE,     /* int64_t bytes; "64k", "10M", "2G" (powers of 1024) */
	LGW_OPT_VALUE,    /* struct lgw_value: any scalar; a text is owned by the struct */
	LGW_OPT_STRINGS,  /* struct lgw_list of char *; one string stands for a list of one */
	LGW_OPT_VALUES,   /* struct lgw_list of struct lgw_value */
	LGW_OPT_GROUP,    /* a struct in place, described by sub */
	LGW_OPT_LIST,     /* struct lgw_list of structs described by sub: ( { … }, { … } ) */
	LGW_OPT_MAP,      /* struct lgw_list of structs described by sub, one per named
			     group: { name1 = { … }; }; the first member of the struct is a
			     char * that receives the name */
	LGW_OPT_WHERE     /* char *: no option, its name is ""; receives the "FILE:LINE" of the
			     group */
};

enum {
	LGW_OPT_REQUIRED = 1u << 0, /* absence is an error */
	LGW_OPT_RESTART = 1u << 1,  /* a change takes effect only after a restart */
	LGW_OPT_MAP_NAME = 1u << 2  /* a STRING that names one of the maps: it must exist */
};

/* items is an array of n elements, allocated by the parser, freed with the struct. */
struct lgw_list {
	void *items;
	size_t n;
};

/* A table ends with a row whose name is NULL. */
struct lgw_option {
	const char *name;
	enum lgw_option_type type;
	size_t offset;                /* of the member in the struct of the group */
	const char *def;              /* default as text; NULL: absent (0, NULL, empty) */
	double min, max;              /* both 0: no bounds */
	const char *const *choices;   /* NULL-terminated */
	const struct lgw_option *sub; /* GROUP, LIST, MAP */
	size_t sub_size;              /* sizeof the struct that sub describes */
	unsigned flags;
	const char *help; /* one sentence for the manual page, with the unit */
	/* Of a STRING: NULL, or why this text cannot be; said with file and line. May be NULL. */
	const char *(*check)(const char *text);
};

#ifdef __cplusplus
}
#endif
#endif
