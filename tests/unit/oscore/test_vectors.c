/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 8613 Appendix C: keys, requests and answers, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "oscore/protect.h"
#include "oscore/state.h"
#include "util/hex.h"
#include "util/mem.h"

struct field {
	uint8_t b[128];
	size_t len;
	bool given;
};

struct vector {
	struct field secret, salt, id_context, sender, recipient, sender_key, recipient_key,
		common_iv, request_piv, plain, protected;
	unsigned seq;
	bool own_number;
};

static const struct {
	const char *name;
	size_t at;
} fields[] = {
#define F(name_)                                       \
	{                                              \
#name_, offsetof(struct vector, name_) \
	}
	F(secret),
	F(salt),
	F(id_context),
	F(sender),
	F(recipient),
	F(sender_key),
	F(recipient_key),
	F(common_iv),
	F(request_piv),
	F(plain),
	F(protected),
#undef F
};

static void line_of(struct vector *v, const char *name, const char *value)
{
	if (!strcmp(name, "seq")) {
		assert_int_equal(sscanf(value, "%u", &v->seq), 1);
		return;
	}
	if (!strcmp(name, "own_number")) {
		v->own_number = true;
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!strcmp(fields[i].name, name)) {
			struct field *f = (void *)((char *)v + fields[i].at);
			int n = hex_decode(f->b, sizeof(f->b), value, strlen(value));

			assert_true(n >= 0);
			f->len = (size_t)n;
			f->given = true;
			return;
		}
	fail_msg("unknown field %s", name);
}

static void load(struct vector *v, const char *name)
{
	const char *src = getenv("srcdir");
	char file[512], line[512], key[32], value[400];
	FILE *f;

	memset(v, 0, sizeof(*v));
	snprintf(file, sizeof(file), "%s/tests/vectors/oscore/%s.txt", src ? src : ".", name);
	f = fopen(file, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		value[0] = '\0';
		if (line[0] != '#' && sscanf(line, "%31s %399s", key, value) >= 1)
			line_of(v, key, value);
	}
	fclose(f);
}

static int reserve(void *ud, const struct oscore_cred *cred, uint32_t n, uint64_t *first)
{
	unsigned *next = ud;

	(void)cred;
	*first = *next;
	*next += n;
	return LGW_OK;
}
static const struct oscore_ops ops = { reserve };

static struct oscore_bytes bytes(const struct field *f)
{
	return (struct oscore_bytes){ f->b, f->len };
}

/* swapped: the other side's view. */
static struct oscore *context(struct vector *v, bool swapped)
{
	struct oscore_params p = { .secret = bytes(&v->secret),
		.salt = bytes(&v->salt),
		.sender = bytes(swapped ? &v->recipient : &v->sender),
		.recipient = bytes(swapped ? &v->sender : &v->recipient),
		.id_context = bytes(&v->id_context),
		.has_id_context = v->id_context.given };
	const struct oscore_cred *cred;
	struct oscore *c;
	char text[80];
	int err;

	assert_int_equal(oscore_cred_new(&p, &cred, text, sizeof(text)), LGW_OK);
	c = oscore_new(cred, &ops, &v->seq, &err);
	assert_non_null(c);
	oscore_cred_unref(cred);
	return c;
}

static void keys(void **state)
{
	static const char *const names[] = { "c.1-client", "c.1-server", "c.2-client", "c.2-server",
		"c.3-client", "c.3-server" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct vector v;
		struct oscore *c;

		load(&v, names[i]);
		c = context(&v, false);
		assert_memory_equal(c->keys.send, v.sender_key.b, 16);
		assert_memory_equal(c->keys.recv, v.recipient_key.b, 16);
		assert_memory_equal(c->keys.iv, v.common_iv.b, 13);
		oscore_free(c);
	}
}

static void equals(const struct coap_msg *m, const struct field *f)
{
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));

	coap_udp_encode(&w, m);
	assert_int_equal(wr_err(&w), 0);
	assert_int_equal(w.len, f->len);
	assert_memory_equal(w.p, f->b, f->len);
}

/* C.4 to C.6: the bytes of the RFC go out, and are understood at the other end. */
static void requests(void **state)
{
	static const char *const names[] = { "c.4", "c.5", "c.6" };
	struct aead *a = aead_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint8_t buf[512];
		struct wr w = wr_of(buf, sizeof(buf));
		struct oscore_bind mine, theirs;
		struct coap_msg in, out;
		struct oscore *c, *d;
		struct vector v;

		load(&v, names[i]);
		c = context(&v, false);
		d = context(&v, true);
		oscore_window_reset(&d->window);
		assert_int_equal(coap_udp_decode(&in, v.plain.b, v.plain.len), LGW_OK);
		assert_int_equal(oscore_protect_request(c, a, &in, &mine, &w, &out), LGW_OK);
		equals(&out, &v.protected);

		assert_int_equal(coap_udp_decode(&in, v.protected.b, v.protected.len), LGW_OK);
		assert_int_equal(oscore_unprotect_request(d, a, &in, &theirs, &w, &out), LGW_OK);
		equals(&out, &v.plain);
		assert_memory_equal(mine.piv, theirs.piv, 1);
		/* Once only. */
		assert_int_equal(
			oscore_unprotect_request(d, a, &in, &theirs, &w, &out), OSCORE_REPLAY);
		oscore_free(c);
		oscore_free(d);
	}
	aead_free(a);
}

/* C.7 with the number of the request, C.8 with one of its own. */
static void answers(void **state)
{
	static const char *const names[] = { "c.7", "c.8" };
	struct aead *a = aead_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint8_t buf[512];
		struct wr w = wr_of(buf, sizeof(buf));
		struct oscore_bind bind = { .piv_len = 1 };
		struct coap_msg in, out;
		struct oscore *c, *d;
		struct vector v;

		load(&v, names[i]);
		bind.piv[0] = v.request_piv.b[0];
		bind.used = v.own_number;
		d = context(&v, false);
		c = context(&v, true);
		assert_int_equal(coap_udp_decode(&in, v.plain.b, v.plain.len), LGW_OK);
		assert_int_equal(oscore_protect_answer(d, a, &in, &bind, &w, &out), LGW_OK);
		equals(&out, &v.protected);

		assert_int_equal(coap_udp_decode(&in, v.protected.b, v.protected.len), LGW_OK);
		assert_int_equal(oscore_unprotect_answer(c, a, &in, &bind, &w, &out), LGW_OK);
		equals(&out, &v.plain);
		oscore_free(c);
		oscore_free(d);
	}
	aead_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(requests),
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
