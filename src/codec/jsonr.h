/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON that is read, by jansson within our limits. */
#ifndef CODEC_JSONR_H
#define CODEC_JSONR_H

#include <jansson.h>
#include "types/value.h"

#define JSONR_DEPTH 8 /* SenML and OMA JSON need 3 */

/*
 * A whole text: no key twice, nothing behind it, depth bounded, no text in it that begins with a
 * NUL; the caller gives it back with json_decref. NULL: ill-formed.
 */
json_t *jsonr_load(const uint8_t *p, size_t len);
/* A number as VT_INT, VT_FLOAT or, above INT64_MAX, VT_UINT; false: j is none. */
bool jsonr_number(const json_t *j, struct value *out);
/* A loan out of j; false: j is no text, or has a NUL in it where names and links have none. */
bool jsonr_text(const json_t *j, const uint8_t **p, uint32_t *len);

#endif
