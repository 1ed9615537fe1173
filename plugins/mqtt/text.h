/* SPDX-License-Identifier: BSD-3-Clause */
/* A growing text, and what texts out of messages must be like. */
#ifndef MQTT_TEXT_H
#define MQTT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <lgw/value.h>

#define NAME_BYTES 255     /* of a device id or a key, <lgw/device.h> */
#define TEXT_BYTES 1048576 /* a text grows no further */

/* All zero is an empty text. p is NUL-terminated as soon as something was added. */
struct text {
	char *p;
	size_t len, size;
	bool bad; /* no memory, or longer than TEXT_BYTES; sticky until reset */
};
void text_reset(struct text *t);
void text_free(struct text *t);
void text_add(struct text *t, const char *s, size_t len);
void text_adds(struct text *t, const char *s);
/* As the inside of a JSON string, without the quotes (RFC 8259 §7). */
void text_add_json(struct text *t, const char *s, size_t len);
/* Numbers so that they read back the same; true and false; nothing for LGW_NULL and bytes. */
void text_add_value(struct text *t, const struct lgw_value *v);
const char *text_str(const struct text *t); /* "" when nothing was added */

/* Well-formed UTF-8 (RFC 3629). */
bool text_utf8(const char *s, size_t len);
/* UTF-8 without control characters other than tab, line feed and carriage return. */
bool text_plain(const char *s, size_t len);
/* Fit for a device id or a key: 1 to NAME_BYTES bytes of UTF-8 without control characters. */
bool text_name(const char *s, size_t len);
/* Printable ASCII for a log line; what is not becomes '.', what does not fit "...". */
void text_printable(char *out, size_t size, const char *s, size_t len);

#endif
