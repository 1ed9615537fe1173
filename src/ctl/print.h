/* SPDX-License-Identifier: BSD-3-Clause */
/* Variants as JSON and as text for people. */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include <gio/gio.h>

/* Any variant: dictionaries with text keys are objects, structs and arrays are arrays, bytes are
 * base64, what JSON has no number for is null. */
void print_json(GString *out, GVariant *v);
/* A struct as an object: names has a name for each member, NULL leaves it out. */
void print_json_struct(GString *out, GVariant *tuple, const char *const names[]);
/* The same for an array of structs. */
void print_json_structs(GString *out, GVariant *array, const char *const names[]);

/* One value: numbers short, bytes in hex, true and false. To be freed. */
char *print_value(GVariant *v);
/* "2026-03-01 12:00:00", local; "-" for 0. To be freed. */
char *print_time(gint64 unix_ms);
/* "3 d 4 h", "12 s": the two largest units. To be freed. */
char *print_span(gint64 ms);
/* Text of a peer on a terminal: control characters become '?'. To be freed. */
char *print_clean(const char *s);

#endif
