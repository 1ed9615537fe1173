/* SPDX-License-Identifier: BSD-3-Clause */
/* What a value may be: ranges and enumerations of definitions (LwM2M 1.0 Appendix D.1). */
#ifndef DM_RANGE_H
#define DM_RANGE_H

#include "dm/objdef.h"

/*
 * The field of a definition, a text for people: "0..100", "0-7", "[1:4]", "0..3, 99", "1: on 2:
 * off", "0..64 bytes". Lengths of texts bind only where they say that they are bytes. What is not
 * understood whole binds nobody: *n is 0, NULL is returned. Else an array on the heap, ascending.
 */
struct range *range_parse(const char *s, enum value_type type, uint16_t *n);
/* Numbers by value, texts and bytes by length. True without ranges, too. */
bool range_holds(const struct resdef *r, const struct value *v);

/* Is a value that comes with this unit (NULL: with none) one of r? Nothing is converted: 30 ms are
 * not 30 s. Units are those of SenML's registry; without one in the definition any will do. */
bool unit_holds(const struct resdef *r, const char *unit);

#endif
