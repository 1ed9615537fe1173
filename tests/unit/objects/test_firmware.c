/* SPDX-License-Identifier: BSD-3-Clause */
/* Object 5: each event in each state, what a restart interrupts, what a push brings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fixture.h"
#include "objects/firmware.h"
#include "util/err.h"
#include "util/mem.h"

struct house {
	struct objdefs *defs;
	struct dm *dm;
	struct objects *o;
	struct obj_env env;
	struct firmware *f;
	/* the back end */
	enum firmware_result refuse; /* what begin or write says */
	char calls[64];              /* b w c f F i I d: what was asked, in order */
	size_t bytes;
	struct firmware_record saved;
	char uri[256];
};

static int64_t wall(void *ud)
{
	(void)ud;
	return 0;
}

static void note(struct house *h, char c)
{
	size_t n = strlen(h->calls);

	if (n < sizeof(h->calls) - 1)
		h->calls[n] = c;
}

static enum firmware_result be_begin(void *ud)
{
	struct house *h = ud;

	note(h, 'b');
	h->bytes = 0;
	return h->refuse;
}

static enum firmware_result be_write(void *ud, const uint8_t *p, size_t len)
{
	struct house *h = ud;

	(void)p;
	note(h, 'w');
	h->bytes += len;
	return h->refuse;
}

static void be_fetch(void *ud, const struct firmware_record *r, bool again)
{
	struct house *h = ud;

	note(h, again ? 'F' : 'f');
	snprintf(h->uri, sizeof(h->uri), "%s", r->uri);
}

static void be_check(void *ud)
{
	note(ud, 'c');
}

static void be_install(void *ud, const struct firmware_record *r, bool again)
{
	(void)r;
	note(ud, again ? 'I' : 'i');
}

static void be_drop(void *ud)
{
	note(ud, 'd');
}

static void be_save(void *ud, const struct firmware_record *r)
{
	((struct house *)ud)->saved = *r;
}

static const struct firmware_backend backend = { be_begin, be_write, be_fetch, be_check, be_install,
	be_drop, be_save, 0x0f };

static void begin(struct house *h, const struct firmware_record *r)
{
	dm_free(h->dm);
	objects_free(h->o);
	h->dm = dm_new(NULL, h);
	h->env = (struct obj_env){ .wall_ms = wall };
	h->o = objects_new(h->dm, h->defs, &h->env, h);
	h->refuse = FIRMWARE_NONE;
	memset(h->calls, 0, sizeof(h->calls));
	assert_int_equal(object_firmware_add(h->o, &backend, h, r, &h->f), 0);
}

static int set_up(void **state)
{
	struct house *h = xcalloc(1, sizeof(*h));

	h->defs = fixture_defs();
	begin(h, NULL);
	*state = h;
	return 0;
}

static int tear_down(void **state)
{
	struct house *h = *state;

	dm_free(h->dm);
	objects_free(h->o);
	objdefs_unref(h->defs);
	free(h);
	return 0;
}

static int64_t num(struct house *h, uint16_t rid)
{
	struct value v;

	assert_int_equal(dm_get(h->dm, &PATH_RES(5, 0, rid), &v, NULL), 0);
	return v.u.i;
}

static void is(struct house *h, enum firmware_state state, enum firmware_result result)
{
	assert_int_equal(num(h, 3), state);
	assert_int_equal(num(h, 5), result);
	assert_int_equal(h->saved.state, state);
	assert_int_equal(h->saved.result, result);
}

static int put(struct house *h, uint16_t rid, const void *p, size_t len)
{
	struct record r = { .path = PATH_RES(5, 0, rid),
		.value = { .type = rid ? VT_STRING : VT_OPAQUE } };
	struct dm_txn *t;
	int e = dm_txn_begin(h->dm, 1, DM_REPLACE, &r.path, &t);

	assert_int_equal(e, 0);
	r.value.u.s.p = p;
	r.value.u.s.len = (uint32_t)len;
	e = dm_txn_add(t, &r);
	if (e) {
		dm_txn_abort(t);
		return e;
	}
	return dm_txn_commit(t, NULL, NULL, NULL, NULL);
}

static int put_uri(struct house *h, const char *uri)
{
	return put(h, 1, uri, strlen(uri));
}

static int update(struct house *h)
{
	return dm_execute(h->dm, 1, &PATH_RES(5, 0, 2), (const uint8_t *)"", 0, NULL, NULL);
}

static int push(struct house *h)
{
	return dm_stream_begin(h->dm, 1, &PATH_RES(5, 0, 0));
}

/* --- the table ----------------------------------------------------------------------------- */

/* IDLE, DOWNLOADING by pull, the same while it is checked, DOWNLOADING by push, DOWNLOADED,
 * UPDATING. */
enum at { AT_IDLE, AT_PULL, AT_CHECK, AT_PUSH, AT_DOWNLOADED, AT_UPDATING, ATS };
static const char *const at_names[ATS] = { "idle", "pull", "check", "push", "downloaded",
	"updating" };

static void go_to(struct house *h, enum at at)
{
	static const struct firmware_record records[ATS] = {
		[AT_PULL] = { .state = 1, .pull = true, .uri = "coap://h/f" },
		[AT_CHECK] = { .state = 1, .pull = true, .whole = true, .uri = "coap://h/f" },
		[AT_DOWNLOADED] = { .state = 2, .whole = true },
		[AT_UPDATING] = { .state = 3, .whole = true },
	};

	begin(h, &records[at]);
	h->saved = records[at];
	if (at == AT_PUSH)
		assert_true(push(h) > 0);
	memset(h->calls, 0, sizeof(h->calls));
}

enum event {
	EV_PACKAGE,
	EV_ZERO,
	EV_PUSH,
	EV_URI,
	EV_NO_URI,
	EV_BOTH,
	EV_UPDATE,
	EV_GOOD,
	EV_BAD,
	EVENTS
};
static const char *const event_names[EVENTS] = { "package", "\\0", "push", "uri", "empty uri",
	"both", "update", "step good", "step bad" };

static int both(struct house *h)
{
	struct record r = { .path = PATH_RES(5, 0, 0), .value = { .type = VT_OPAQUE } };
	struct dm_txn *t;

	r.value.u.s.p = (const uint8_t *)"image";
	r.value.u.s.len = 5;
	assert_int_equal(dm_txn_begin(h->dm, 1, DM_UPDATE, &PATH_INST(5, 0), &t), 0);
	assert_int_equal(dm_txn_add(t, &r), 0);
	r.path.id[2] = 1;
	r.value.type = VT_STRING;
	assert_int_equal(dm_txn_add(t, &r), 0);
	return dm_txn_commit(t, NULL, NULL, NULL, NULL);
}

static int happen(struct house *h, enum event ev)
{
	switch (ev) {
	case EV_PACKAGE:
		return put(h, 0, "image", 5);
	case EV_ZERO:
		return put(h, 0, "\0", 1);
	case EV_PUSH:
		return push(h) > 0 ? 0 : push(h);
	case EV_URI:
		return put_uri(h, "coap://other/f");
	case EV_NO_URI:
		return put_uri(h, "");
	case EV_BOTH:
		return both(h);
	case EV_UPDATE:
		return update(h);
	case EV_GOOD:
		firmware_step(h->f, FIRMWARE_NONE);
		return 0;
	case EV_BAD:
		firmware_step(h->f, FIRMWARE_INTEGRITY);
		return 0;
	default:
		return 0;
	}
}

/* What comes of it: status, state, result, and what the back end was asked. */
struct row {
	int status;
	uint8_t state, result;
	const char *calls;
};
#define NO(state)                     \
	{                             \
		LGW_EOP, state, 0, "" \
	}
#define AS_IT_WAS(state)        \
	{                       \
		0, state, 0, "" \
	}
#define BAD(state)                       \
	{                                \
		LGW_EINVAL, state, 0, "" \
	}
static const struct row table[ATS][EVENTS] = {
	[AT_IDLE] = { { 0, 1, 0, "bwc" }, { 0, 0, 0, "d" }, { 0, 1, 0, "b" }, { 0, 1, 0, "df" },
		{ 0, 0, 0, "d" }, BAD(0), NO(0), AS_IT_WAS(0), AS_IT_WAS(0) },
	[AT_PULL] = { NO(1), { 0, 0, 0, "d" }, NO(1), NO(1), { 0, 0, 0, "d" }, BAD(1), NO(1),
		{ 0, 1, 0, "c" }, { 0, 0, 5, "d" } },
	[AT_CHECK] = { NO(1), { 0, 0, 0, "d" }, NO(1), NO(1), { 0, 0, 0, "d" }, BAD(1), NO(1),
		{ 0, 2, 0, "" }, { 0, 0, 5, "d" } },
	[AT_PUSH] = { NO(1), { 0, 0, 0, "d" }, NO(1), NO(1), { 0, 0, 0, "d" }, BAD(1), NO(1),
		AS_IT_WAS(1), AS_IT_WAS(1) },
	[AT_DOWNLOADED] = { { 0, 1, 0, "bwc" }, { 0, 0, 0, "d" }, { 0, 1, 0, "b" },
		{ 0, 1, 0, "df" }, { 0, 0, 0, "d" }, BAD(2), { 0, 3, 0, "i" }, AS_IT_WAS(2),
		AS_IT_WAS(2) },
	[AT_UPDATING] = { NO(3), NO(3), NO(3), NO(3), NO(3), BAD(3), NO(3), { 0, 0, 1, "d" },
		{ 0, 2, 5, "" } },
};

static void each_event_in_each_state(void **state)
{
	struct house *h = *state;

	for (unsigned at = 0; at < ATS; at++)
		for (unsigned ev = 0; ev < EVENTS; ev++) {
			const struct row *row = &table[at][ev];
			int r;

			go_to(h, (enum at)at);
			r = happen(h, (enum event)ev);
			print_message("%-10s %-9s -> %s, state %d, result %d, back end \"%s\"\n",
				at_names[at], event_names[ev], err_text(r), (int)num(h, 3),
				(int)num(h, 5), h->calls);
			assert_int_equal(r, row->status);
			is(h, (enum firmware_state)row->state, (enum firmware_result)row->result);
			assert_string_equal(h->calls, row->calls);
		}
}

/* Every failure of a download leaves Idle with its result, every failure of an update Downloaded.
 */
static void results(void **state)
{
	struct house *h = *state;

	for (unsigned r = FIRMWARE_NO_SPACE; r <= FIRMWARE_PROTOCOL; r++) {
		go_to(h, AT_PULL);
		firmware_step(h->f, (enum firmware_result)r);
		is(h, FIRMWARE_IDLE, (enum firmware_result)r);
		go_to(h, AT_UPDATING);
		firmware_step(h->f, (enum firmware_result)r);
		is(h, FIRMWARE_DOWNLOADED, (enum firmware_result)r);
		/* … and may be tried again. */
		assert_int_equal(update(h), 0);
		is(h, FIRMWARE_UPDATING, FIRMWARE_NONE);
	}
}

static void a_push_in_parts(void **state)
{
	struct house *h = *state;
	const struct path p = PATH_RES(5, 0, 0);
	int id = push(h);

	assert_true(id > 0);
	assert_int_equal(dm_stream_write(h->dm, &p, id, (const uint8_t *)"abc", 3), 0);
	assert_int_equal(dm_stream_write(h->dm, &p, id, (const uint8_t *)"de", 2), 0);
	assert_int_equal(
		dm_stream_write(h->dm, &p, id + 1, (const uint8_t *)"x", 1), LGW_EINCOMPLETE);
	assert_int_equal(dm_stream_end(h->dm, &p, id, true), 0);
	assert_int_equal(h->bytes, 5);
	is(h, FIRMWARE_DOWNLOADING, FIRMWARE_NONE);
	assert_true(h->saved.whole);
	firmware_package(h->f, "os", "2.0");
	firmware_step(h->f, FIRMWARE_NONE);
	is(h, FIRMWARE_DOWNLOADED, FIRMWARE_NONE);
	assert_string_equal(h->saved.version, "2.0");
	assert_string_equal(h->calls, "bwwc");
	/* The text of the package goes with it. */
	assert_int_equal(put_uri(h, ""), 0);
	assert_false(dm_exists(h->dm, &PATH_RES(5, 0, 7)));
}

static void a_push_that_fails(void **state)
{
	struct house *h = *state;
	const struct path p = PATH_RES(5, 0, 0);
	int id;

	h->refuse = FIRMWARE_NO_SPACE;
	assert_int_equal(push(h), LGW_ETOOBIG);
	is(h, FIRMWARE_IDLE, FIRMWARE_NO_SPACE);
	h->refuse = FIRMWARE_NONE;
	id = push(h);
	is(h, FIRMWARE_DOWNLOADING, FIRMWARE_NONE);
	h->refuse = FIRMWARE_NO_MEMORY;
	assert_int_equal(dm_stream_write(h->dm, &p, id, (const uint8_t *)"a", 1), LGW_ENOMEM);
	is(h, FIRMWARE_IDLE, FIRMWARE_NO_MEMORY);
	assert_int_equal(dm_stream_end(h->dm, &p, id, false), LGW_EINCOMPLETE);
	is(h, FIRMWARE_IDLE, FIRMWARE_NO_MEMORY);
	h->refuse = FIRMWARE_NONE;
	id = push(h);
	assert_int_equal(dm_stream_end(h->dm, &p, id, false), 0);
	is(h, FIRMWARE_IDLE, FIRMWARE_LOST);
	/* Reset in the middle: what still comes is refused. */
	id = push(h);
	assert_int_equal(put(h, 0, "", 0), 0);
	assert_int_equal(dm_stream_write(h->dm, &p, id, (const uint8_t *)"a", 1), LGW_EINCOMPLETE);
	is(h, FIRMWARE_IDLE, FIRMWARE_NONE);
	/* Other resources are none of this. */
	assert_int_equal(dm_stream_begin(h->dm, 1, &PATH_RES(5, 0, 1)), LGW_ENOTSUP);
	assert_int_equal(dm_stream_begin(h->dm, 1, &PATH_RES(3, 0, 0)), LGW_ENOTSUP);
}

static void a_uri(void **state)
{
	struct house *h = *state;
	char longest[300];
	struct value v;

	assert_int_equal(put_uri(h, "https://host/image"), 0);
	assert_string_equal(h->uri, "https://host/image");
	assert_int_equal(h->saved.ssid, 1);
	assert_true(h->saved.pull);
	assert_int_equal(dm_get(h->dm, &PATH_RES(5, 0, 1), &v, NULL), 0);
	assert_string_equal((const char *)v.u.s.p, "https://host/image");
	assert_int_equal(put_uri(h, ""), 0);
	memset(longest, 'a', sizeof(longest));
	longest[256] = '\0';
	assert_int_equal(put_uri(h, longest), LGW_EINVAL);
	longest[255] = '\0';
	assert_int_equal(put_uri(h, longest), 0);
	assert_string_equal(h->uri, longest);
}

static void restarts(void **state)
{
	static const struct {
		struct firmware_record r;
		uint8_t state, result;
		const char *calls;
	} t[] = {
		{ { .state = 0, .result = 7, .uri = "x" }, 0, 7, "" },
		{ { .state = 1 }, 0, 4, "d" }, /* a push has to come again */
		{ { .state = 1, .pull = true, .uri = "coap://h/f" }, 1, 0, "F" },
		{ { .state = 1, .pull = true, .whole = true, .uri = "coap://h/f" }, 1, 0, "c" },
		{ { .state = 1, .whole = true }, 1, 0, "c" },
		{ { .state = 2, .result = 8, .version = "2" }, 2, 8, "" },
		{ { .state = 3 }, 3, 0, "I" },
	};
	struct house *h = *state;

	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		h->saved = t[k].r;
		begin(h, &t[k].r);
		is(h, (enum firmware_state)t[k].state, (enum firmware_result)t[k].result);
		assert_string_equal(h->calls, t[k].calls);
		assert_string_equal(firmware_now(h->f)->uri, t[k].r.uri);
	}
}

static void what_it_offers(void **state)
{
	struct house *h = *state;
	struct value v;

	for (uint16_t k = 0; k < 4; k++)
		assert_int_equal(dm_get(h->dm, &PATH_RI(5, 0, 8, k), &v, NULL), 0);
	assert_false(dm_exists(h->dm, &PATH_RI(5, 0, 8, 4)));
	assert_int_equal(num(h, 9), 2);
	assert_false(dm_removable(h->dm, &PATH_INST(5, 0)));
	assert_false(dm_creatable(h->dm, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_event_in_each_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(results, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_push_in_parts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_push_that_fails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_uri, set_up, tear_down),
		cmocka_unit_test_setup_teardown(restarts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_it_offers, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
