/* SPDX-License-Identifier: BSD-3-Clause */
/* A firmware image in blocks to /5/0/0: what reaches the back end, and what the server is told. */
#include "stage.h"
#include <stdlib.h>
#include "coap/block.h"
#include "lwm2m/push.h"
#include "objects/firmware.h"
#include "types/format.h"
#include "util/mem.h"

struct image {
	struct firmware *f;
	uint8_t bytes[8192];
	size_t len;
	unsigned checks;
	size_t room;
};

static enum firmware_result be_begin(void *ud)
{
	((struct image *)ud)->len = 0;
	return FIRMWARE_NONE;
}

static enum firmware_result be_write(void *ud, const uint8_t *p, size_t len)
{
	struct image *i = ud;

	if (i->len + len > i->room)
		return FIRMWARE_NO_SPACE;
	memcpy(i->bytes + i->len, p, len);
	i->len += len;
	return FIRMWARE_NONE;
}

static void be_check(void *ud)
{
	((struct image *)ud)->checks++;
}

static void be_drop(void *ud)
{
	(void)ud;
}

static void be_save(void *ud, const struct firmware_record *r)
{
	(void)ud, (void)r;
}

static const struct firmware_backend backend = {
	.begin = be_begin, .write = be_write, .check = be_check, .drop = be_drop, .save = be_save
};

static struct image *begin(struct stage *st)
{
	struct image *i = xcalloc(1, sizeof(*i));

	i->room = sizeof(i->bytes);
	assert_int_equal(
		object_firmware_add(client_objects(st->client), &backend, i, NULL, &i->f), 0);
	stage_register(st);
	return i;
}

static int64_t num(struct stage *st, uint16_t rid)
{
	struct value v;

	assert_int_equal(dm_get(client_dm(st->client), &PATH_RES(5, 0, rid), &v, NULL), 0);
	return v.u.i;
}

/* One block of 256 bytes, each byte the number of its block. */
static uint8_t block(struct stage *st, int format, uint32_t num, bool more, const uint8_t *head,
	size_t headlen, size_t len)
{
	uint8_t payload[256];
	struct coap_block b = { num, 4, more };

	memset(payload, (int)num + 1, sizeof(payload));
	if (headlen)
		memcpy(payload, head, headlen);
	request(st, COAP_PUT, "/5/0/0");
	request_option(st, COAP_OPT_CONTENT_FORMAT, (uint32_t)format);
	coap_block_add(&st->req, COAP_OPT_BLOCK1, &b);
	st->req.payload = payload;
	st->req.payload_len = len;
	return ask(st);
}

static void pushed(void **state)
{
	struct stage *st = *state;
	struct image *i = begin(st);

	assert_int_equal(block(st, CF_OPAQUE, 0, true, NULL, 0, 256), COAP_231);
	assert_int_equal(num(st, 3), FIRMWARE_DOWNLOADING);
	/* Other requests are answered meanwhile. */
	assert_int_equal(ask_for(st, COAP_GET, "/5/0/3"), COAP_205);
	assert_int_equal(block(st, CF_OPAQUE, 1, true, NULL, 0, 256), COAP_231);
	assert_int_equal(i->checks, 0);
	assert_int_equal(block(st, CF_OPAQUE, 2, false, NULL, 0, 100), COAP_204);
	assert_int_equal(i->checks, 1);
	assert_int_equal(i->len, 612);
	assert_int_equal(i->bytes[0], 1);
	assert_int_equal(i->bytes[611], 3);
	firmware_step(i->f, FIRMWARE_NONE);
	assert_int_equal(num(st, 3), FIRMWARE_DOWNLOADED);
	free(i);
}

/* The value of a TLV and of a CBOR byte string is the same image. */
static void in_other_formats(void **state)
{
	static const uint8_t tlv[] = { 0xd0, 0, 0x01, 0x2c }, cbor[] = { 0x59, 0x01, 0x2c };
	struct stage *st = *state;
	struct image *i = begin(st);

	assert_int_equal(block(st, CF_TLV, 0, true, tlv, 4, 256), COAP_231);
	assert_int_equal(block(st, CF_TLV, 1, false, NULL, 0, 48), COAP_204);
	assert_int_equal(i->len, 300);
	assert_int_equal(i->bytes[251], 1);
	assert_int_equal(i->bytes[252], 2);
	firmware_step(i->f, FIRMWARE_NONE);
	assert_int_equal(block(st, CF_CBOR, 0, true, cbor, 3, 256), COAP_231);
	assert_int_equal(block(st, CF_CBOR, 1, false, NULL, 0, 47), COAP_204);
	assert_int_equal(i->len, 300);
	assert_int_equal(i->checks, 2);
	firmware_step(i->f, FIRMWARE_NONE);
	/* More or less than its length says. */
	assert_int_equal(block(st, CF_CBOR, 0, true, cbor, 3, 256), COAP_231);
	assert_int_equal(block(st, CF_CBOR, 1, false, NULL, 0, 48), COAP_400);
	assert_int_equal(num(st, 3), FIRMWARE_IDLE);
	assert_int_equal(num(st, 5), FIRMWARE_LOST);
	assert_int_equal(block(st, CF_TLV, 0, true, tlv, 4, 256), COAP_231);
	assert_int_equal(block(st, CF_TLV, 1, false, NULL, 0, 47), COAP_400);
	assert_int_equal(i->checks, 2);
	free(i);
}

static void refused(void **state)
{
	struct stage *st = *state;
	struct image *i = begin(st);

	/* No room: the transfer ends, the result says why. */
	i->room = 300;
	assert_int_equal(block(st, CF_OPAQUE, 0, true, NULL, 0, 256), COAP_231);
	assert_int_equal(block(st, CF_OPAQUE, 1, true, NULL, 0, 256), COAP_413);
	assert_int_equal(num(st, 3), FIRMWARE_IDLE);
	assert_int_equal(num(st, 5), FIRMWARE_NO_SPACE);
	assert_int_equal(block(st, CF_OPAQUE, 2, true, NULL, 0, 256), COAP_408);
	/* From the begin again: the first part is let go. */
	i->room = sizeof(i->bytes);
	assert_int_equal(block(st, CF_OPAQUE, 0, true, NULL, 0, 256), COAP_231);
	assert_int_equal(block(st, CF_OPAQUE, 0, true, NULL, 0, 256), COAP_231);
	assert_int_equal(block(st, CF_OPAQUE, 1, false, NULL, 0, 1), COAP_204);
	assert_int_equal(i->len, 257);
	firmware_step(i->f, FIRMWARE_NONE);
	free(i);
}

static void lost(void **state)
{
	struct stage *st = *state;
	struct image *i = begin(st);

	/* The rest never comes: after EXCHANGE_LIFETIME it is given up. */
	assert_int_equal(block(st, CF_OPAQUE, 0, true, NULL, 0, 256), COAP_231);
	script_advance(&st->sc, 300000);
	assert_int_equal(num(st, 3), FIRMWARE_IDLE);
	assert_int_equal(num(st, 5), FIRMWARE_LOST);
	free(i);
}

static void headers(void **state)
{
	static const struct {
		int format, result;
		const char *p;
		size_t len, skip;
		uint64_t value;
	} t[] = {
		{ CF_OPAQUE, 0, "abc", 3, 0, UINT64_MAX },
		{ CF_TLV, 0, "\xc3\x00zzz", 5, 2, 3 },
		{ CF_TLV, 0, "\xc8\x00\x05", 3, 3, 5 },
		{ CF_TLV, 0, "\xf8\x00\x00\x01\x00\x00", 6, 6, 65536 },
		{ CF_TLV, LGW_EINVAL, "\xc8\x01\x05", 3, 0, 0 },
		{ CF_TLV, LGW_EINVAL, "\x88\x00\x05", 3, 0, 0 },
		{ CF_TLV, LGW_EINVAL, "\xd8\x00\x00", 3, 0, 0 },
		{ CF_CBOR, 0,
			"\x43"
			"abc",
			4, 1, 3 },
		{ CF_CBOR, 0, "\x5a\x00\x01\x00\x00", 5, 5, 65536 },
		{ CF_CBOR, 0, "\x5b\0\0\0\x01\0\0\0\0", 9, 9, 1ull << 32 },
		{ CF_CBOR, LGW_EINVAL, "\x5f\x43", 2, 0, 0 },
		{ CF_CBOR, LGW_EINVAL,
			"\x63"
			"abc",
			4, 0, 0 },
		{ CF_SENML_CBOR, LGW_EFORMAT, "\x81", 1, 0, 0 },
	};
	size_t skip;
	uint64_t value;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		int r = push_header(
			t[k].format, 0, (const uint8_t *)t[k].p, t[k].len, &skip, &value);

		assert_int_equal(r, t[k].result);
		if (r)
			continue;
		assert_int_equal(skip, t[k].skip);
		assert_true(value == t[k].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pushed, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(in_other_formats, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(refused, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(lost, stage_setup, stage_teardown),
		cmocka_unit_test(headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
