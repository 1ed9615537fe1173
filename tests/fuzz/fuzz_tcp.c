/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages cut out of a stream. What is accepted is written and read back the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "coap/wire_tcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[70000];
	size_t total;

	while (!coap_tcp_frame(data, size, 16384, &total) && total <= size) {
		struct wr w = wr_of(buf, sizeof(buf));
		struct coap_msg m, again;

		if (!coap_tcp_decode(&m, data, total)) {
			coap_tcp_encode(&w, &m);
			assert(!wr_err(&w));
			assert(!coap_tcp_decode(&again, w.p, w.len));
			assert(again.code == m.code && again.nopts == m.nopts);
			assert(again.tkl == m.tkl && again.payload_len == m.payload_len);
		}
		data += total;
		size -= total;
	}
	return 0;
}
