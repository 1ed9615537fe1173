/* SPDX-License-Identifier: BSD-3-Clause */
/* An answer in blocks that goes on where an earlier session had got to (RFC 7959 §2.4). */
#include "blockplay.h"
#include "coap/msg.h"

static const uint8_t tag[] = { 1, 2, 3 }, other[] = { 9 };

static void ask_from(uint64_t offset)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, COAP_GET);
	coap_add_str(&m, COAP_OPT_URI_PATH, "image");
	p.done = false;
	p.streamed = offset;
	assert_int_equal(session_call_from(
				 p.s, &m, offset, tag, sizeof(tag), on_data, on_answer, NULL, NULL),
		LGW_OK);
}

/* We ask for this block; num -1: for the whole, from its begin. */
static void asked(int64_t num, uint8_t szx)
{
	struct coap_block b;

	assert_true(script_take(p.l, &p.m));
	assert_int_equal(p.m.code, COAP_GET);
	assert_int_equal(coap_block_get(&p.m, COAP_OPT_BLOCK2, &b), num >= 0);
	if (num < 0)
		return;
	assert_int_equal(b.num, num);
	assert_int_equal(b.szx, szx);
}

static void answer(uint32_t num, uint8_t szx, bool more, size_t len, const uint8_t *etag, size_t n)
{
	struct coap_block b = { num, szx, more };
	struct coap_msg m;

	script_answer_init(&m, &p.m, COAP_205);
	coap_add(&m, COAP_OPT_ETAG, etag, n);
	coap_block_add(&m, COAP_OPT_BLOCK2, &b);
	m.payload = pattern + coap_block_offset(&b);
	m.payload_len = len;
	script_recv_msg(p.l, &m);
}

static void goes_on(void **state)
{
	(void)state;
	ask_from(2048);
	asked(2, 6);
	answer(2, 6, true, 1024, tag, sizeof(tag));
	assert_int_equal(p.streamed, 3072);
	asked(3, 6);
	answer(3, 6, false, 10, tag, sizeof(tag));
	assert_true(p.done);
	assert_int_equal(p.status, LGW_OK);
	assert_int_equal(p.streamed, 3082);
}

/* The peer has smaller blocks than it was asked for. */
static void in_smaller_blocks(void **state)
{
	(void)state;
	ask_from(1024);
	asked(1, 6);
	answer(4, 4, true, 256, tag, sizeof(tag));
	asked(5, 4);
	answer(5, 4, false, 1, tag, sizeof(tag));
	assert_int_equal(p.status, LGW_OK);
	assert_int_equal(p.streamed, 1281);
}

static void it_became_another_thing(void **state)
{
	(void)state;
	ask_from(2048);
	asked(2, 6);
	answer(2, 6, true, 1024, other, sizeof(other));
	assert_true(p.done);
	assert_int_equal(p.status, LGW_EINCOMPLETE);
	assert_int_equal(p.streamed, 2048);
}

static void another_block_than_asked_for(void **state)
{
	(void)state;
	ask_from(2048);
	asked(2, 6);
	answer(1, 6, true, 1024, tag, sizeof(tag));
	assert_int_equal(p.status, LGW_EINVAL);
}

static void from_the_begin(void **state)
{
	struct coap_msg m;

	(void)state;
	ask_from(0);
	asked(-1, 0);
	answer(0, 6, true, 1024, other, sizeof(other));
	asked(1, 6);
	answer(1, 6, false, 1, other, sizeof(other));
	assert_int_equal(p.status, LGW_OK);
	assert_int_equal(p.streamed, 1025);
	/* One that is refused does not go to the file. */
	ask_from(0);
	asked(-1, 0);
	script_answer_init(&m, &p.m, COAP_404);
	script_recv_msg(p.l, &m);
	assert_int_equal(p.code, COAP_404);
	assert_int_equal(p.streamed, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(goes_on),
		TEST(in_smaller_blocks),
		TEST(it_became_another_thing),
		TEST(another_block_than_asked_for),
		TEST(from_the_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
