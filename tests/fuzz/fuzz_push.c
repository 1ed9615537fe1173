/* SPDX-License-Identifier: BSD-3-Clause */
/* Triggers in the form of a WAP push. */
#include <assert.h>
#include <stdint.h>
#include "coap/push.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *msg;
	size_t len;

	if (coap_push_decode(data, size, &msg, &len))
		assert(len <= size && (!len || msg + len == data + size));
	return 0;
}
