/* SPDX-License-Identifier: BSD-3-Clause */
/* What updates read: URIs of files, saved states, the header of a pushed value. By the first byte.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "fetch/locator.h"
#include "gateway/firmware.h"
#include "gateway/software.h"
#include "lwm2m/push.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void locator(const uint8_t *data, size_t size)
{
	struct locator l;
	struct coap_msg m;
	char *uri = malloc(size + 1);

	memcpy(uri, data, size);
	uri[size] = '\0';
	if (!locator_parse(&l, uri)) {
		coap_msg_init(&m, COAP_CON, COAP_GET);
		assert(!locator_options(&l, &m));
		assert(m.nopts == l.n);
		for (unsigned k = 0; k < m.nopts; k++)
			assert(m.opts[k].len <= FETCH_URI_MAX);
	}
	free(uri);
}

static void record(const uint8_t *data, size_t size)
{
	struct firmware_record r;
	uint8_t again[FW_RECORD_MAX];

	if (fw_decode(&r, data, size))
		return;
	assert(fw_encode(&r, again) == size);
	assert(!memcmp(again, data, size));
}

static void software(const uint8_t *data, size_t size)
{
	static struct software_record r;
	static uint8_t again[SW_RECORD_MAX];

	if (sw_decode(&r, data, size))
		return;
	assert(sw_encode(&r, again) == size);
	assert(!memcmp(again, data, size));
}

static void header(const uint8_t *data, size_t size)
{
	static const int formats[] = { 42, 11542, 60 };
	size_t skip;
	uint64_t value;

	for (size_t k = 0; k < 3; k++)
		if (!push_header(formats[k], 0, data, size, &skip, &value))
			assert(skip <= size && skip <= 9);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] == 0)
		locator(data + 1, size - 1);
	else if (data[0] == 1)
		record(data + 1, size - 1);
	else if (data[0] == 3)
		software(data + 1, size - 1);
	else
		header(data + 1, size - 1);
	return 0;
}
