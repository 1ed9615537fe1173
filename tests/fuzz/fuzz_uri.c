/* SPDX-License-Identifier: BSD-3-Clause */
/* URIs of servers and literal addresses. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "transport/addr.h"
#include "transport/resolve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[ADDR_TEXT_MAX];
	struct uri u;
	struct addr a;

	if (uri_parse(&u, (const char *)data, size))
		return 0;
	assert(*u.scheme && strlen(u.scheme) < sizeof(u.scheme));
	assert(*u.host && strlen(u.host) < sizeof(u.host));
	if (!resolve_literal(&a, u.host, u.port)) {
		assert(addr_eq(&a, &a));
		assert(strlen(addr_text(text, &a)) < sizeof(text));
	}
	return 0;
}
