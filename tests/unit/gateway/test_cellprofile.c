/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects 10, 11 and 13 with a scripted plugin behind them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base.h"
#include "coap/opt.h"

/* What stands behind: it notes what it is asked for. */
struct back {
	bool away;             /* the plugin does not run */
	int check, apply, may; /* what it says */
	struct lgw_setting last;
	char text[32];
	size_t n;
	uint64_t id;
	unsigned asked, gone;
	int32_t instance, resource; /* of the last refresh */
};

static int note(struct back *b, const struct lgw_setting *s, size_t n)
{
	b->n = n;
	b->last = s[n - 1];
	if (s[n - 1].value.type == LGW_TEXT) {
		assert_true(s[n - 1].value.u.s.len < sizeof(b->text));
		memcpy(b->text, s[n - 1].value.u.s.p, s[n - 1].value.u.s.len);
		b->text[s[n - 1].value.u.s.len] = '\0';
	}
	return 0;
}

static int check(void *state, const struct lgw_setting *s, size_t n)
{
	(void)s, (void)n;
	return ((struct back *)state)->check;
}

static int apply(void *state, uint64_t id, const struct lgw_setting *s, size_t n)
{
	struct back *b = state;

	b->asked++;
	b->id = id;
	note(b, s, n);
	return b->apply;
}

static int refresh(void *state, uint64_t id, uint16_t object, int32_t instance, int32_t resource)
{
	struct back *b = state;

	(void)object;
	b->id = id;
	b->instance = instance;
	b->resource = resource;
	return b->apply;
}

static int may(void *state, uint16_t profile)
{
	(void)profile;
	return ((struct back *)state)->may;
}

static void gone(void *state, uint16_t profile)
{
	(void)profile;
	((struct back *)state)->gone++;
}

static const struct lgw_cellular_ops ops = { check, apply, refresh, may, may, gone };

static const struct lgw_cellular_ops *cellular(void *ud, void **state)
{
	*state = ud;
	return ((struct back *)ud)->away ? NULL : &ops;
}

static const struct source_ops source_ops = { .cellular = cellular };

static struct map_conf standard = { .name = (char *)"standard" };

struct house {
	struct base b;
	struct server_params server;
	struct back back;
	struct dm *dm;
	unsigned done;
	int status;
};

static int set_up(void **state)
{
	struct house *h = xcalloc(1, sizeof(*h));

	base_init(&h->b, &standard);
	h->server = base_server("coap://server", 1);
	h->b.params.servers = &h->server;
	h->b.params.nservers = 1;
	h->b.params.gateway_endpoint = (char *)"gw";
	base_open(&h->b, &source_ops, &h->back);
	h->dm = client_dm(device_client(gateway_find(h->b.gateway, "gw")));
	assert_true(gateway_cellular_begin(h->b.source));
	*state = h;
	return 0;
}

static int tear_down(void **state)
{
	struct house *h = *state;

	base_fini(&h->b);
	free(h);
	return 0;
}

static void finished(void *ud, int status)
{
	struct house *h = ud;

	h->done++;
	h->status = status;
}

/* One value, written by a server. */
static int put(
	struct house *h, enum dm_write_mode mode, struct path at, struct path p, const char *s)
{
	struct record r = { .path = p, .value = { .type = VT_RAW_TEXT } };
	struct dm_txn *t;
	int e = dm_txn_begin(h->dm, 1, mode, &at, &t);

	if (e)
		return e;
	r.value.u.s.p = (const uint8_t *)s;
	r.value.u.s.len = (uint32_t)strlen(s);
	e = dm_txn_add(t, &r);
	if (!e && mode == DM_CREATE) { /* what is mandatory beside the name */
		r.path.id[2] = 4;
		r.value.u.s = (__typeof__(r.value.u.s)){ (const uint8_t *)"3", 1 };
		e = dm_txn_add(t, &r);
	}
	if (e) {
		dm_txn_abort(t);
		return e;
	}
	return dm_txn_commit(t, finished, h, NULL, NULL);
}

static int write_res(struct house *h, struct path p, const char *s)
{
	return put(h, DM_REPLACE, p, p, s);
}

#define TEXT(s_)                                    \
	{                                           \
		LGW_TEXT,                           \
		{                                   \
			.s = { s_, sizeof(s_) - 1 } \
		}                                   \
	}

static void what_the_plugin_tells(void **state)
{
	static const struct lgw_setting all[] = {
		{ 11, 0, 0, LGW_SINGLE, TEXT("default") },
		{ 11, 0, 4, LGW_SINGLE, { LGW_INT, { .i = 3 } } },
		{ 11, 0, 9, 0, { LGW_INT, { .i = 1700000000 } } },
		{ 10, 0, 11, 0, TEXT("11:0") },
		{ 13, 0, 7, LGW_SINGLE, { LGW_BOOL, { .b = true } } },
	};
	static const struct lgw_setting bad[] = { { 11, 0, 4, LGW_SINGLE, TEXT("three") },
		{ 4, 0, 0, LGW_SINGLE, TEXT("x") },
		{ 13, 1, 7, LGW_SINGLE, { LGW_BOOL, { .b = true } } },
		{ 11, 0, 77, LGW_SINGLE, TEXT("x") } };
	static const struct lgw_setting less[] = { { 10, 0, 11, 0, { .type = LGW_NULL } },
		{ 11, 0, 9, LGW_SINGLE, { .type = LGW_NULL } } };
	struct house *h = *state;
	struct value v;

	assert_int_equal(gateway_cellular_set(h->b.source, all, ARRAY_SIZE(all)), 0);
	assert_int_equal(dm_get(h->dm, &PATH_RI(10, 0, 11, 0), &v, NULL), 0);
	assert_true(v.type == VT_OBJLNK && v.u.link.oid == 11 && v.u.link.iid == 0);
	assert_int_equal(dm_get(h->dm, &PATH_RI(11, 0, 9, 0), &v, NULL), 0);
	assert_true(v.type == VT_TIME && v.u.i == 1700000000);
	assert_int_equal(dm_get(h->dm, &PATH_RES(13, 0, 7), &v, NULL), 0);
	assert_true(v.type == VT_BOOL && v.u.b);
	for (size_t k = 0; k < ARRAY_SIZE(bad); k++)
		assert_int_equal(gateway_cellular_set(h->b.source, &bad[k], 1), LGW_EINVAL);
	assert_int_equal(gateway_cellular_set(h->b.source, less, ARRAY_SIZE(less)), 0);
	assert_false(dm_exists(h->dm, &PATH_RI(10, 0, 11, 0)));
	assert_true(dm_exists(h->dm, &PATH_RES(10, 0, 11)));
	assert_false(dm_exists(h->dm, &PATH_RI(11, 0, 9, 0)));
	gateway_cellular_remove(h->b.source, 0);
	assert_false(dm_exists(h->dm, &PATH_INST(11, 0)));
	assert_int_equal(h->back.gone, 0);
}

static void what_servers_write(void **state)
{
	struct house *h = *state;
	struct back *b = &h->back;
	struct value v;

	assert_int_equal(write_res(h, PATH_RES(10, 0, 1), "5"), 0);
	assert_true(b->last.object == 10 && b->last.resource == 1 && b->last.index == LGW_SINGLE);
	assert_true(b->last.value.type == LGW_INT && b->last.value.u.i == 5);
	b->check = LGW_EINVAL;
	assert_int_equal(write_res(h, PATH_RES(10, 0, 1), "6"), LGW_EINVAL);
	assert_int_equal(b->asked, 1);
	b->check = 0;
	/* Later, and in vain. */
	b->apply = LGW_PENDING;
	assert_int_equal(write_res(h, PATH_RES(10, 0, 1), "7"), LGW_PENDING);
	gateway_cellular_done(h->b.source, b->id + 1, 0);
	assert_int_equal(h->done, 0);
	gateway_cellular_done(h->b.source, b->id, LGW_EREFUSED);
	assert_true(h->done == 1 && h->status == LGW_EREFUSED);
	assert_int_equal(dm_get(h->dm, &PATH_RES(10, 0, 1), &v, NULL), 0);
	assert_int_equal(v.u.i, 5);
	/* A read that asks for what is fresh. */
	assert_int_equal(dm_refresh(h->dm, 1, &PATH_RES(10, 0, 1), finished, h), LGW_PENDING);
	assert_true(b->instance == 0 && b->resource == 1);
	gateway_cellular_done(h->b.source, b->id, 0);
	assert_int_equal(h->done, 2);
}

static void profiles_of_servers(void **state)
{
	struct house *h = *state;
	struct back *b = &h->back;

	b->may = LGW_EOP;
	assert_int_equal(put(h, DM_CREATE, PATH_OBJ(11), PATH_RES(11, 3, 0), "mine"), LGW_EOP);
	b->may = 0;
	assert_int_equal(put(h, DM_CREATE, PATH_OBJ(11), PATH_RES(11, 3, 0), "mine"), 0);
	assert_true(b->n == 2 && b->last.instance == 3);
	assert_int_equal(put(h, DM_UPDATE, PATH_INST(11, 3), PATH_RES(11, 3, 1), "internet"), 0);
	assert_string_equal(b->text, "internet");
	assert_int_equal(dm_delete(h->dm, 1, &PATH_INST(11, 3)), 0);
	assert_int_equal(b->gone, 1);
}

static void the_plugin_goes(void **state)
{
	struct house *h = *state;
	struct source *other = gateway_source_add(h->b.gateway, "other", &source_ops, &h->back);
	static const struct lgw_setting one = { 11, 0, 0, LGW_SINGLE, TEXT("default") };

	assert_false(gateway_cellular_begin(other));
	assert_int_equal(gateway_cellular_set(other, &one, 1), LGW_ENOENT);
	h->back.apply = LGW_PENDING;
	assert_int_equal(write_res(h, PATH_RES(10, 0, 1), "7"), LGW_PENDING);
	h->back.away = true;
	assert_int_equal(write_res(h, PATH_RES(10, 0, 1), "8"), LGW_EUNAVAIL);
	gateway_cellular_end(h->b.source);
	assert_true(h->done == 1 && h->status == LGW_EUNAVAIL);
	assert_false(dm_exists(h->dm, &PATH_OBJ(10)));
	assert_int_equal(gateway_cellular_set(h->b.source, &one, 1), LGW_ENOENT);
	assert_true(gateway_cellular_begin(h->b.source));
	/* The whole gateway ends with something under way. */
	h->back.away = false;
	assert_int_equal(write_res(h, PATH_RES(10, 0, 1), "7"), LGW_PENDING);
}

/* The client says something, and is answered; which interface does it say it over? */
static const char *heard_over(struct house *h)
{
	struct scripted_link *l = script_link(&h->b.sc, "server");
	struct coap_msg m, a;

	script_settle(&h->b.sc);
	assert_true(script_take(l, &m));
	script_answer_init(&a, &m, COAP_204);
	script_recv_msg(l, &a);
	script_settle(&h->b.sc);
	script_drop_sent(l);
	return script_interface(l);
}

/* Which profile a server wants is not forgotten when the plugin is started anew. */
static void the_plugin_comes_back(void **state)
{
	static const struct lgw_setting one = { 11, 3, 0, LGW_SINGLE, TEXT("mine") };
	const struct path link = PATH_RES(1, 0, 10);
	struct house *h = *state;
	struct scripted_link *l;
	struct coap_msg m, a;
	struct value v;

	gateway_cellular_expect(h->b.gateway, true);
	assert_int_equal(gateway_cellular_set(h->b.source, &one, 1), 0);
	assert_int_equal(gateway_cellular_bearer(h->b.source, 3, "wwan0"), 0);
	script_settle(&h->b.sc);
	l = script_link(&h->b.sc, "server");
	assert_true(script_take(l, &m));
	script_answer_init(&a, &m, COAP_201);
	coap_add_copy(&a, COAP_OPT_LOCATION_PATH, "rd", 2);
	script_recv_msg(l, &a);
	assert_int_equal(write_res(h, link, "11:3"), 0);
	assert_string_equal(heard_over(h), "wwan0");
	gateway_cellular_end(h->b.source);
	script_advance(&h->b.sc, 1000);
	assert_int_equal(script_sent(l), 0); /* nothing goes another way meanwhile */
	assert_true(gateway_cellular_begin(h->b.source));
	assert_int_equal(gateway_cellular_set(h->b.source, &one, 1), 0);
	assert_int_equal(gateway_cellular_bearer(h->b.source, 3, "wwan1"), 0);
	assert_string_equal(heard_over(h), "wwan1");
	assert_int_equal(dm_get(h->dm, &link, &v, NULL), 0);
	assert_true(v.u.link.oid == 11 && v.u.link.iid == 3);
	/* It goes for good: any way is better than none. */
	gateway_cellular_expect(h->b.gateway, false);
	gateway_cellular_end(h->b.source);
	assert_null(heard_over(h));
	assert_true(gateway_cellular_begin(h->b.source));
}

int main(void)
{
#define T(f_) cmocka_unit_test_setup_teardown(f_, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(what_the_plugin_tells),
		T(what_servers_write),
		T(profiles_of_servers),
		T(the_plugin_goes),
		T(the_plugin_comes_back),
	};

	return cmocka_run_group_tests_name("cellular profiles", tests, NULL, NULL);
}
