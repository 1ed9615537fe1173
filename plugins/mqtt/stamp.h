/* SPDX-License-Identifier: BSD-3-Clause */
/* Times as sources write them. */
#ifndef MQTT_STAMP_H
#define MQTT_STAMP_H

#include <stddef.h>
#include <stdint.h>

/*
 * ISO 8601 with a zone ("2024-05-01T12:00:00.250+02:00", "…Z", "…+0200"; a blank may stand for
 * the T), or a number of seconds or milliseconds since 1970 as text. Unix ms in *ms, above 0.
 * LGW_EINVAL for all else, a time without zone included: it would be a guess.
 */
int stamp_text(int64_t *ms, const char *s, size_t len);
/* Seconds, or milliseconds from 1e11 on (3 March 1973 in ms; the year 5138 in s). */
int stamp_number(int64_t *ms, double number);

#endif
