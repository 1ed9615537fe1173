/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages by the figures of RFC 7252 Appendix A, and those that must not pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "coap/msg.h"
#include "coap/opt.h"
#include "util/hex.h"
#include "util/mem.h"

/* Decode hex out of memory of exactly its size, so that a read beyond it is seen. */
static uint8_t *held;
static int decode(struct coap_msg *m, const char *hex)
{
	uint8_t buf[600];
	int n = hex_decode(buf, sizeof(buf), hex, strlen(hex));

	assert_true(n >= 0);
	free(held);
	held = xmemdup(buf, (size_t)n);
	return coap_udp_decode(m, held, (size_t)n);
}

static void encodes(const struct coap_msg *m, const char *hex)
{
	uint8_t buf[600];
	char text[1201];
	struct wr w = wr_of(buf, sizeof(buf));

	coap_udp_encode(&w, m);
	assert_int_equal(wr_err(&w), 0);
	hex_encode(text, w.p, w.len);
	assert_string_equal(text, hex);
}

/* Figures 16 to 20: the same bytes both ways. */
static void examples_of_rfc7252(void **state)
{
	static const struct {
		const char *hex;
		uint8_t type, code, tkl;
		uint16_t mid;
		const char *path, *payload;
	} t[] = {
		{ "40017d34bb74656d7065726174757265", COAP_CON, COAP_GET, 0, 0x7d34, "temperature",
			NULL },
		{ "60457d34ff32322e332043", COAP_ACK, COAP_205, 0, 0x7d34, NULL, "22.3 C" },
		{ "41017d3520bb74656d7065726174757265", COAP_CON, COAP_GET, 1, 0x7d35,
			"temperature", NULL },
		{ "61457d3520ff32322e332043", COAP_ACK, COAP_205, 1, 0x7d35, NULL, "22.3 C" },
		{ "60007d38", COAP_ACK, COAP_EMPTY, 0, 0x7d38, NULL, NULL },
		{ "7000adfd", COAP_RST, COAP_EMPTY, 0, 0xadfd, NULL, NULL },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		const struct coap_opt *o;
		struct coap_msg m;

		assert_int_equal(decode(&m, t[k].hex), LGW_OK);
		assert_int_equal(m.type, t[k].type);
		assert_int_equal(m.code, t[k].code);
		assert_int_equal(m.mid, t[k].mid);
		assert_int_equal(m.tkl, t[k].tkl);
		if (m.tkl)
			assert_int_equal(m.token[0], 0x20);
		o = coap_opt_find(&m, COAP_OPT_URI_PATH);
		assert_int_equal(o != NULL, t[k].path != NULL);
		if (o)
			assert_memory_equal(o->val, t[k].path, o->len);
		assert_int_equal(m.payload_len, t[k].payload ? strlen(t[k].payload) : 0);
		if (t[k].payload)
			assert_memory_equal(m.payload, t[k].payload, m.payload_len);
		encodes(&m, t[k].hex);
	}
}

/* RFC 7252 §3.1: deltas and lengths at the edges of their one-, two- and three-byte forms. */
static void options_at_the_edges(void **state)
{
	static const uint16_t lens[] = { 0, 12, 13, 268, 269, 300 };
	static const uint16_t nums[] = { 1, 12, 13, 14, 268, 269, 281, 282, 65535 };
	static uint8_t value[300], buf[4096];

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(nums); k++)
		for (size_t j = 0; j < ARRAY_SIZE(lens); j++) {
			struct wr w = wr_of(buf, sizeof(buf));
			struct coap_msg m, again;

			coap_msg_init(&m, COAP_NON, COAP_POST);
			coap_add(&m, nums[k], value, lens[j]);
			coap_add(&m, 2048, "x", 1);
			coap_udp_encode(&w, &m);
			assert_int_equal(coap_udp_decode(&again, w.p, w.len), 0);
			assert_int_equal(again.nopts, 2);
			assert_int_equal(coap_opt_find(&again, nums[k])->len, lens[j]);
			assert_int_equal(coap_opt_find(&again, 2048)->len, 1);
		}
}

/* In the order of numbers whatever the order of adding; equal numbers keep theirs. */
static void options_are_sorted(void **state)
{
	struct coap_msg m;

	(void)state;
	coap_msg_init(&m, COAP_CON, COAP_GET);
	m.mid = 1;
	coap_add_uint(&m, COAP_OPT_ACCEPT, 11542);
	coap_add_str(&m, COAP_OPT_URI_PATH, "3303");
	coap_add_str(&m, COAP_OPT_URI_PATH, "0");
	coap_add_uint(&m, COAP_OPT_OBSERVE, 0);
	encodes(&m, "400100016054333330330130622d16");
	for (unsigned k = m.nopts; k < COAP_OPTS_MAX; k++)
		assert_int_equal(coap_add_uint(&m, COAP_OPT_SIZE1, 0), LGW_OK);
	assert_int_equal(coap_add_str(&m, COAP_OPT_URI_QUERY, "x"), LGW_ENOMEM);
}

static void integers_are_shortest(void **state)
{
	static const uint32_t v[] = { 0, 1, 255, 256, 65535, 65536, 0xffffff, 0x1000000,
		UINT32_MAX };
	static const uint8_t len[] = { 0, 1, 1, 2, 2, 3, 3, 4, 4 };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(v); k++) {
		struct coap_msg m;

		coap_msg_init(&m, COAP_CON, COAP_GET);
		assert_int_equal(coap_add_uint(&m, COAP_OPT_SIZE2, v[k]), 0);
		assert_int_equal(coap_opt_find(&m, COAP_OPT_SIZE2)->len, len[k]);
		assert_int_equal(coap_opt_uint(&m, COAP_OPT_SIZE2, 7), v[k]);
		assert_int_equal(coap_opt_uint(&m, COAP_OPT_SIZE1, 7), 7);
	}
}

/* Silence is due: not ours, or no message at all (CONFORMANCE of RFC 7252 §3). */
static void no_messages(void **state)
{
	static const char *const hex[] = { "", "40", "4001", "400100", "00010001", "80010001",
		"c0010001" };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(hex); k++) {
		struct coap_msg m;

		assert_int_equal(decode(&m, hex[k]), LGW_ENOTSUP);
	}
}

/* Format errors: type and message id are known for the reset that a CON gets. Among them the
 * datagrams that have broken other stacks (tokens, deltas and lengths beyond the end, wraps). */
static void format_errors(void **state)
{
	static const char *const hex[] = {
		/* clang-format off */
		"4901123401020304050607080900", /* TKL 9 */
		"4f011234", /* TKL 15 */
		"48011234aabb", /* token longer than the datagram */
		"4d011234", "4e011234", /* extended token lengths without one */
		"4000123401", /* empty message with a byte */
		"48001234", /* empty message that promises a token */
		"41001234aa", /* empty message with a token */
		"40011234ff", /* marker without payload */
		"40011234d0", "40011234e001", "40011234e0", /* delta cut off */
		"400112340d", "400112340e01", /* length cut off */
		"40011234f0", "400112340f", "40011234f1aa", /* 15 is reserved */
		"40011234b5746573", /* value cut off */
		"40011234beffff", /* length far beyond */
		"40011234e0fef2e0fef2", /* the number wraps */
		"4243123442429e80",
		/* clang-format on */
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(hex); k++) {
		struct coap_msg m;

		if (decode(&m, hex[k]) != LGW_EINVAL)
			fail_msg("%s", hex[k]);
		assert_int_equal(m.mid, 0x1234);
	}
}

static void too_many_options(void **state)
{
	uint8_t bytes[4 + COAP_OPTS_MAX + 1] = { 0x40, COAP_GET, 0x12, 0x34, 0xb0 };
	struct coap_msg m;

	(void)state;
	assert_int_equal(coap_udp_decode(&m, bytes, sizeof(bytes) - 1), LGW_OK);
	assert_int_equal(m.nopts, COAP_OPTS_MAX);
	assert_int_equal(coap_udp_decode(&m, bytes, sizeof(bytes)), LGW_ETOOBIG);
}

static int checked(uint16_t num, const char *val, size_t len, unsigned times, unsigned *left)
{
	struct coap_msg m;
	int r;

	coap_msg_init(&m, COAP_CON, COAP_GET);
	while (times--)
		coap_add(&m, num, val, len);
	r = coap_opts_check(&m);
	*left = m.nopts;
	return r;
}

/* RFC 7252 §5.4.1, §5.4.3, §5.4.5: unknown, of a wrong length, repeated. */
static void options_are_checked(void **state)
{
	static const char nine[9] = "123456789";
	unsigned left;

	(void)state;
	assert_int_equal(checked(65000, nine, 3, 1, &left), LGW_OK); /* elective, unknown */
	assert_int_equal(left, 0);
	assert_int_equal(checked(65001, nine, 3, 1, &left), LGW_ECRITICAL);
	assert_int_equal(checked(COAP_OPT_PROXY_URI, nine, 9, 1, &left), LGW_ECRITICAL);
	assert_int_equal(checked(COAP_OPT_ACCEPT, nine, 3, 1, &left), LGW_ECRITICAL);
	assert_int_equal(checked(COAP_OPT_CONTENT_FORMAT, nine, 3, 1, &left), LGW_OK);
	assert_int_equal(left, 0);
	assert_int_equal(checked(COAP_OPT_OBSERVE, nine, 4, 1, &left), LGW_OK);
	assert_int_equal(left, 0);
	assert_int_equal(checked(COAP_OPT_URI_PATH, nine, 9, 4, &left), LGW_OK);
	assert_int_equal(left, 4);
	assert_int_equal(checked(COAP_OPT_ACCEPT, nine, 2, 2, &left), LGW_ECRITICAL);
	assert_int_equal(checked(COAP_OPT_OBSERVE, nine, 1, 2, &left), LGW_OK);
	assert_int_equal(left, 1);
	assert_int_equal(checked(COAP_OPT_ETAG, nine, 9, 1, &left), LGW_OK);
	assert_int_equal(left, 0);
	assert_int_equal(checked(COAP_OPT_URI_HOST, nine, 0, 1, &left), LGW_ECRITICAL);
	assert_int_equal(checked(COAP_OPT_URI_HOST, nine, 9, 1, &left), LGW_OK);
}

static void codes_as_text(void **state)
{
	char buf[8];

	(void)state;
	assert_string_equal(coap_code_text(buf, COAP_205), "2.05");
	assert_string_equal(coap_code_text(buf, COAP_415), "4.15");
	assert_string_equal(coap_code_text(buf, 255), "7.31");
}

/* Does not fit: nothing beyond the buffer, and an error. */
static void a_small_buffer(void **state)
{
	uint8_t buf[16];
	struct coap_msg m;

	(void)state;
	assert_int_equal(decode(&m, "40017d34bb74656d7065726174757265"), 0);
	for (size_t cap = 0; cap <= sizeof(buf); cap++) {
		struct wr w = wr_of(buf, cap);

		coap_udp_encode(&w, &m);
		assert_int_equal(wr_err(&w), cap < 16 ? LGW_ETOOBIG : 0);
	}
}

static int cleanup(void **state)
{
	(void)state;
	free(held);
	held = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_rfc7252),
		cmocka_unit_test(options_at_the_edges),
		cmocka_unit_test(options_are_sorted),
		cmocka_unit_test(integers_are_shortest),
		cmocka_unit_test(no_messages),
		cmocka_unit_test(format_errors),
		cmocka_unit_test(too_many_options),
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(codes_as_text),
		cmocka_unit_test(a_small_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, cleanup);
}
