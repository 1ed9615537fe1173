/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages in a stream, by the figures of RFC 8323. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "coap/wire_tcp.h"
#include "util/hex.h"
#include "util/mem.h"

static uint8_t buf[200000];

/* Figure 6 of RFC 8323: a GET with the token 7f; and what else has a name. */
static void examples(void **state)
{
	static const struct {
		const char *hex;
		uint8_t code, tkl, nopts;
	} t[] = { { "01017f", COAP_GET, 1, 0 }, { "0045", COAP_205, 0, 0 },
		{ "00e1", COAP_CSM, 0, 0 }, { "40e122480220", COAP_CSM, 0, 2 },
		{ "02e2aabb", COAP_PING, 2, 0 },
		{ "c001bb74656d7065726174757265", COAP_GET, 0, 1 } };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		int n = hex_decode(buf, sizeof(buf), t[k].hex, strlen(t[k].hex));
		uint8_t *p = xmemdup(buf, (size_t)n);
		struct wr w = wr_of(buf, sizeof(buf));
		struct coap_msg m;
		char text[64];
		size_t total;
		int r;

		assert_int_equal(coap_tcp_frame(p, (size_t)n, 1152, &total), 0);
		r = coap_tcp_decode(&m, p, (size_t)n);
		assert_int_equal(total, n);
		assert_int_equal(r, 0);
		assert_int_equal(m.code, t[k].code);
		assert_int_equal(m.tkl, t[k].tkl);
		assert_int_equal(m.nopts, t[k].nopts);
		assert_int_equal(m.type, COAP_NON);
		coap_tcp_encode(&w, &m);
		hex_encode(text, w.p, w.len);
		assert_string_equal(text, t[k].hex);
		free(p);
	}
}

/* Len in its four forms; every prefix is told to be incomplete. */
static void lengths(void **state)
{
	static const size_t payloads[] = { 1, 11, 12, 13, 267, 268, 269, 300, 65803, 65804, 65805,
		70000 };
	static uint8_t body[70000];

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(payloads); k++) {
		struct wr w = wr_of(buf, sizeof(buf));
		struct coap_msg m, again;
		size_t total = 0;

		coap_msg_init(&m, COAP_NON, COAP_POST);
		m.tkl = 8;
		memset(m.token, 7, 8);
		m.payload = body;
		m.payload_len = payloads[k];
		coap_tcp_encode(&w, &m);
		assert_int_equal(wr_err(&w), 0);
		assert_int_equal(coap_tcp_frame(w.p, w.len, sizeof(buf), &total), 0);
		assert_int_equal(total, w.len);
		assert_int_equal(coap_tcp_decode(&again, w.p, w.len), 0);
		assert_int_equal(again.payload_len, payloads[k]);
		assert_int_equal(coap_tcp_decode(&again, w.p, w.len - 1), LGW_EINVAL);
		assert_int_equal(coap_tcp_frame(w.p, w.len, w.len - 1, &total), LGW_ETOOBIG);
		assert_int_equal(coap_tcp_frame(w.p, 0, sizeof(buf), &total), LGW_EINCOMPLETE);
		if (payloads[k] >= 13)
			assert_int_equal(
				coap_tcp_frame(w.p, 1, sizeof(buf), &total), LGW_EINCOMPLETE);
	}
}

static void what_is_none(void **state)
{
	static const uint8_t token9[] = { 0x09, 1 }, huge[] = { 0xf0, 0xff, 0xff, 0xff, 0xff, 1 };
	size_t total;
	static const uint8_t marker[] = { 0x10, 0x45, 0xff };
	struct coap_msg m;

	(void)state;
	assert_int_equal(coap_tcp_decode(&m, marker, 3), LGW_EINVAL);
	assert_int_equal(coap_tcp_frame(token9, 1, 1152, &total), LGW_EINVAL);
	assert_int_equal(coap_tcp_decode(&m, token9, 2), LGW_EINVAL);
	assert_int_equal(coap_tcp_frame(huge, 6, SIZE_MAX, &total), LGW_OK);
	assert_true(total > UINT32_MAX);
	assert_int_equal(coap_tcp_frame(huge, 6, 16384, &total), LGW_ETOOBIG);
	assert_int_equal(coap_tcp_decode(&m, huge, 6), LGW_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(lengths),
		cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
