/* SPDX-License-Identifier: BSD-3-Clause */
/* Quantities with units. */
#include <string.h>
#include "conf/schema.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/num.h"

struct unit {
	const char *name;
	int64_t factor;
};

static int scaled(const char *s, const struct unit *units, size_t n, int64_t *out)
{
	size_t len = strspn(s, "0123456789."), k = 0;
	double d;

	while (k < n && strcmp(units[k].name, s + len))
		k++;
	if (k == n || num_parse_double(s, len, &d))
		return LGW_EINVAL;
	return num_round(d * (double)units[k].factor, 0, INT64_MAX, out);
}

int schema_duration(const char *s, int64_t *ms)
{
	static const struct unit units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 },
		{ "min", 60000 }, { "h", 3600000 }, { "d", 86400000 } };

	return scaled(s, units, ARRAY_SIZE(units), ms);
}

int schema_size(const char *s, int64_t *bytes)
{
	static const struct unit units[] = { { "", 1 }, { "k", 1024 }, { "M", 1024 * 1024 },
		{ "G", 1024 * 1024 * 1024 } };

	return scaled(s, units, ARRAY_SIZE(units), bytes);
}
