/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/scan.h"

#include <stdbool.h>
#include <string.h>
#include "util/num.h"

struct scanner {
	const char *p, *end;
	unsigned line;
};

static bool starts(const struct scanner *s, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(s->end - s->p) >= n && !memcmp(s->p, what, n);
}

static void step(struct scanner *s)
{
	s->line += *s->p++ == '\n';
}

static void skip_until(struct scanner *s, const char *stop)
{
	while (s->p < s->end && !starts(s, stop))
		step(s);
	for (size_t n = strlen(stop); n && s->p < s->end; n--)
		step(s);
}

static void skip_string(struct scanner *s)
{
	step(s);
	while (s->p < s->end && *s->p != '"') {
		if (*s->p == '\\' && s->p + 1 < s->end)
			step(s);
		step(s);
	}
	if (s->p < s->end)
		step(s);
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '.' || c == '*' || c == '-' || c == '+';
}

/* A decimal integer and nothing else; hexadecimal ones are taken as they are. */
static bool is_integer(const char *p, size_t len)
{
	for (size_t k = 0; k < len; k++)
		if ((p[k] < '0' || p[k] > '9') && p[k] != '-')
			return false;
	return true;
}

unsigned scan_overflow(const char *p, size_t len)
{
	struct scanner s = { p, p + len, 1 };

	while (s.p < s.end) {
		const char *word = s.p;
		int64_t v = 0;
		size_t n = 0;

		if (starts(&s, "/*")) {
			skip_until(&s, "*/");
		} else if (starts(&s, "//") || *s.p == '#') {
			skip_until(&s, "\n");
		} else if (*s.p == '"') {
			skip_string(&s);
		} else if (is_word(*s.p)) {
			while (s.p < s.end && is_word(*s.p))
				step(&s);
			n = (size_t)(s.p - word);
			if (is_integer(word, n) &&
				(num_parse_i64(word, n, &v) || v > INT32_MAX || v < INT32_MIN) &&
				n > 9)
				return s.line;
		} else {
			step(&s);
		}
	}
	return 0;
}
