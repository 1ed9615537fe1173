/* SPDX-License-Identifier: BSD-3-Clause */
/* The WAP form of a trigger: the specification's example, other shapes, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "coap/msg.h"
#include "coap/opt.h"
#include "coap/push.h"
#include "util/hex.h"
#include "util/mem.h"

#define TRIGGER "4402b60b2161fb63b13101300138"

/* Exactly its bytes, so that a read beyond them is seen. */
static uint8_t *bytes(const char *hex, size_t *len)
{
	uint8_t buf[400];
	int n = hex_decode(buf, sizeof(buf), hex, strlen(hex));

	assert_true(n >= 0);
	*len = (size_t)n;
	return xmemdup(buf, *len);
}

static bool decode(const char *hex, size_t *inner)
{
	const uint8_t *msg;
	size_t len;
	uint8_t *p = bytes(hex, &len);
	bool ok = coap_push_decode(p, len, &msg, inner);

	if (ok)
		assert_ptr_equal(msg, p + len - *inner);
	free(p);
	return ok;
}

/* LwM2M 1.0, "Example of Trigger Message from Server", without the WDP header. */
static void specification(void **state)
{
	const uint8_t *msg;
	struct coap_msg m;
	size_t len, n;
	uint8_t *p = bytes("010603c4af9a" TRIGGER, &len);

	(void)state;
	assert_true(coap_push_decode(p, len, &msg, &n));
	assert_int_equal(n, 14);
	assert_int_equal(coap_udp_decode(&m, msg, n), 0);
	assert_int_equal(m.code, COAP_POST);
	assert_int_equal(m.mid, 0xb60b);
	assert_int_equal(m.tkl, 4);
	assert_int_equal(m.nopts, 3);
	free(p);
}

static void other_shapes(void **state)
{
	size_t n;

	(void)state;
	/* Any transaction id; the content type as a text, and in its general form; other headers.
	 */
	assert_true(decode("440603c4af9a" TRIGGER, &n));
	assert_true(decode("0106046100af9a" TRIGGER, &n));
	assert_int_equal(n, 14);
	assert_true(decode("01060502c481af9a" TRIGGER, &n));
	assert_true(decode("01060fc48d81616200636400af9a8e02aabb" TRIGGER, &n));
	assert_int_equal(n, 14);
	/* The application id by its name. */
	assert_true(decode(
		"01061dc4af782d7761702d6170706c69636174696f6e3a6c776d326d2e646d00" TRIGGER, &n));
	/* Nothing inside. */
	assert_true(decode("010603c4af9a", &n));
	assert_int_equal(n, 0);
}

static void none(void **state)
{
	static const char *const t[] = { "", "01", "0106", "010603", "010603c4", "010603c4af",
		TRIGGER, "010703c4af9a" TRIGGER,  /* another PDU */
		"010603c4af9b" TRIGGER,           /* another application */
		"010601c4" TRIGGER,               /* none */
		"01068f8f8f8f8f8fc4af9a" TRIGGER, /* a length without end */
		"0106ffffffff7fc4af9a" TRIGGER,   /* a length beyond all */
		"010604c4af9a"
		"",
		"010603c4af1f", /* cut off */
		"0106041f8f8f8f" TRIGGER, "010602616161" };
	size_t n;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++)
		if (decode(t[k], &n))
			fail_msg("%s", t[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specification),
		cmocka_unit_test(other_shapes),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
