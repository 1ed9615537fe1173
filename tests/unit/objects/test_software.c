/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects 9 and 14: each event in each state, results, what a restart interrupts, components. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fixture.h"
#include "objects/software.h"
#include "util/err.h"
#include "util/mem.h"

struct house {
	struct objdefs *defs;
	struct dm *dm;
	struct objects *o;
	struct obj_env env;
	struct software *s;
	enum firmware_result refuse;
	char calls[64]; /* b w c f F r R d: what was asked, in order */
	struct software_record saved, fetched;
	unsigned announced, removed;
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

static enum firmware_result be_begin(void *ud, uint16_t iid)
{
	(void)iid;
	note(ud, 'b');
	return ((struct house *)ud)->refuse;
}

static enum firmware_result be_write(void *ud, uint16_t iid, const uint8_t *p, size_t len)
{
	(void)iid, (void)p, (void)len;
	note(ud, 'w');
	return ((struct house *)ud)->refuse;
}

static void be_fetch(void *ud, uint16_t iid, const struct software_record *r, bool again)
{
	(void)iid;
	((struct house *)ud)->fetched = *r;
	note(ud, again ? 'F' : 'f');
}

static void be_check(void *ud, uint16_t iid, const struct software_record *r)
{
	(void)iid, (void)r;
	note(ud, 'c');
}

static void be_run(void *ud, uint16_t iid, const struct software_record *r, bool again)
{
	static const char once[] = "?iuad", twice[] = "?IUAD";

	(void)iid;
	note(ud, (again ? twice : once)[r->job]);
}

static void be_drop(void *ud, uint16_t iid)
{
	(void)iid;
	note(ud, 'x');
}

static void be_save(void *ud, uint16_t iid, const struct software_record *r)
{
	(void)iid;
	((struct house *)ud)->saved = *r;
}

static void be_removed(void *ud, uint16_t iid)
{
	(void)iid;
	((struct house *)ud)->removed++;
}

static void be_announce(void *ud)
{
	((struct house *)ud)->announced++;
}

static const struct software_backend backend = { be_begin, be_write, be_fetch, be_check, be_run,
	be_drop, be_save, be_removed, be_announce };

static void begin(struct house *h, const struct software_record *r)
{
	dm_free(h->dm);
	objects_free(h->o);
	h->dm = dm_new(NULL, h);
	h->env = (struct obj_env){ .wall_ms = wall };
	h->o = objects_new(h->dm, h->defs, &h->env, h);
	h->refuse = FIRMWARE_NONE;
	h->announced = h->removed = 0;
	memset(h->calls, 0, sizeof(h->calls));
	assert_int_equal(object_software_add(h->o, &backend, h, &h->s), 0);
	if (r) {
		h->saved = *r;
		assert_int_equal(software_restore(h->s, 3, r), 3);
	}
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

static int64_t num(struct house *h, struct path p)
{
	struct value v;

	assert_int_equal(dm_get(h->dm, &p, &v, NULL), 0);
	return v.type == VT_BOOL ? v.u.b : v.u.i;
}

static int put(struct house *h, uint16_t rid, const char *p, size_t len)
{
	struct record r = { .path = PATH_RES(9, 3, rid),
		.value = { .type = rid == 2 ? VT_OPAQUE : VT_STRING } };
	struct dm_txn *t;

	assert_int_equal(dm_txn_begin(h->dm, 1, DM_REPLACE, &r.path, &t), 0);
	r.value.u.s.p = (const uint8_t *)p;
	r.value.u.s.len = (uint32_t)len;
	if (rid == 8)
		r.value = VALUE_BOOL(*p == '1');
	assert_int_equal(dm_txn_add(t, &r), 0);
	return dm_txn_commit(t, NULL, NULL, NULL, NULL);
}

static int run(struct house *h, struct path p, const char *args)
{
	return dm_execute(h->dm, 1, &p, (const uint8_t *)args, strlen(args), NULL, NULL);
}

static int push(struct house *h)
{
	int id = dm_stream_begin(h->dm, 1, &PATH_RES(9, 3, 2));

	return id > 0 ? 0 : id;
}

/* --- the table ----------------------------------------------------------------------------- */

enum at {
	AT_INITIAL,
	AT_PULL,
	AT_PUSH,
	AT_CHECK,
	AT_DELIVERED,
	AT_INSTALLING,
	AT_INSTALLED,
	AT_UNINSTALLING,
	AT_ACTIVATING,
	ATS
};
static const char *const at_names[ATS] = { "initial", "pull", "push", "check", "delivered",
	"installing", "installed", "uninstalling", "activating" };
enum event {
	EV_PACKAGE,
	EV_PUSH,
	EV_URI,
	EV_INSTALL,
	EV_UNINSTALL,
	EV_FOR_UPDATE,
	EV_ACTIVATE,
	EV_DEACTIVATE,
	EV_DELETE,
	EV_GOOD,
	EV_BAD,
	EVENTS
};
static const char *const event_names[EVENTS] = { "package", "push", "uri", "install", "uninstall",
	"for update", "activate", "deactivate", "delete", "step good", "step bad" };

static void go_to(struct house *h, enum at at)
{
	static const struct {
		uint8_t state, result, job;
	} t[ATS] = { [AT_PULL] = { 1, 1, 0 },
		[AT_CHECK] = { 2, 1, 0 },
		[AT_DELIVERED] = { 3, 3, 0 },
		[AT_INSTALLING] = { 3, 3, SOFTWARE_INSTALL },
		[AT_INSTALLED] = { 4, 2, 0 },
		[AT_UNINSTALLING] = { 4, 2, SOFTWARE_UNINSTALL },
		[AT_ACTIVATING] = { 4, 2, SOFTWARE_ACTIVATE } };
	struct software_record r = { .state = t[at].state,
		.result = t[at].result,
		.job = t[at].job,
		.component = SOFTWARE_COMPONENTS_MAX,
		.pull = at == AT_PULL };

	begin(h, &r);
	if (at == AT_PUSH)
		assert_int_equal(push(h), 0);
	memset(h->calls, 0, sizeof(h->calls));
}

static int happen(struct house *h, enum event ev)
{
	switch (ev) {
	case EV_PACKAGE:
		return put(h, 2, "package", 7);
	case EV_PUSH:
		return push(h);
	case EV_URI:
		return put(h, 3, "coap://h/p", 10);
	case EV_INSTALL:
		return run(h, PATH_RES(9, 3, 4), "");
	case EV_UNINSTALL:
		return run(h, PATH_RES(9, 3, 6), "");
	case EV_FOR_UPDATE:
		return run(h, PATH_RES(9, 3, 6), "1");
	case EV_ACTIVATE:
		return run(h, PATH_RES(9, 3, 10), "");
	case EV_DEACTIVATE:
		return run(h, PATH_RES(9, 3, 11), "");
	case EV_DELETE:
		return dm_delete(h->dm, 1, &PATH_INST(9, 3));
	case EV_GOOD:
		software_step(h->s, 3, FIRMWARE_NONE);
		return 0;
	case EV_BAD:
		software_step(h->s, 3, FIRMWARE_INTEGRITY);
		return 0;
	default:
		return 0;
	}
}

struct row {
	int status;
	uint8_t state, result;
	const char *calls;
};
#define NO(state, result)                  \
	{                                  \
		LGW_EOP, state, result, "" \
	}
#define SO(state, result)            \
	{                            \
		0, state, result, "" \
	} /* as it was */
#define GONE                  \
	{                     \
		0, 0, 0, NULL \
	}
static const struct row table[ATS][EVENTS] = {
	[AT_INITIAL] = { { 0, 2, 1, "bwc" }, { 0, 1, 1, "b" }, { 0, 1, 1, "f" }, NO(0, 0), NO(0, 0),
		NO(0, 0), NO(0, 0), NO(0, 0), GONE, SO(0, 0), SO(0, 0) },
	[AT_PULL] = { NO(1, 1), NO(1, 1), NO(1, 1), NO(1, 1), NO(1, 1), NO(1, 1), NO(1, 1),
		NO(1, 1), NO(1, 1), { 0, 2, 1, "c" }, { 0, 0, 53, "x" } },
	[AT_PUSH] = { NO(1, 1), NO(1, 1), NO(1, 1), NO(1, 1), NO(1, 1), NO(1, 1), NO(1, 1),
		NO(1, 1), NO(1, 1), SO(1, 1), SO(1, 1) },
	[AT_CHECK] = { NO(2, 1), NO(2, 1), NO(2, 1), NO(2, 1), NO(2, 1), NO(2, 1), NO(2, 1),
		NO(2, 1), NO(2, 1), { 0, 3, 3, "" }, { 0, 0, 53, "x" } },
	[AT_DELIVERED] = { NO(3, 3), NO(3, 3), NO(3, 3), { 0, 3, 3, "i" }, { 0, 0, 0, "x" },
		{ 0, 0, 0, "x" }, NO(3, 3), NO(3, 3), NO(3, 3), SO(3, 3), SO(3, 3) },
	[AT_INSTALLING] = { NO(3, 3), NO(3, 3), NO(3, 3), NO(3, 3), NO(3, 3), NO(3, 3), NO(3, 3),
		NO(3, 3), NO(3, 3), { 0, 4, 2, "x" }, { 0, 3, 58, "" } },
	[AT_INSTALLED] = { NO(4, 2), NO(4, 2), NO(4, 2), NO(4, 2), { 0, 4, 2, "u" },
		{ 0, 0, 0, "x" }, { 0, 4, 2, "a" }, { 0, 4, 2, "d" }, NO(4, 2), SO(4, 2),
		SO(4, 2) },
	[AT_UNINSTALLING] = { NO(4, 2), NO(4, 2), NO(4, 2), NO(4, 2), NO(4, 2), NO(4, 2), NO(4, 2),
		NO(4, 2), NO(4, 2), { 0, 0, 0, "x" }, { 0, 4, 59, "" } },
	[AT_ACTIVATING] = { NO(4, 2), NO(4, 2), NO(4, 2), NO(4, 2), NO(4, 2), NO(4, 2), NO(4, 2),
		NO(4, 2), NO(4, 2), { 0, 4, 2, "" }, { 0, 4, 57, "" } },
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
			if (!row->calls) {
				assert_int_equal(r, 0);
				assert_false(dm_exists(h->dm, &PATH_INST(9, 3)));
				assert_int_equal(h->removed, 1);
				continue;
			}
			print_message("%-12s %-10s -> %s, state %d, result %d, back end \"%s\"\n",
				at_names[at], event_names[ev], err_text(r),
				(int)num(h, PATH_RES(9, 3, 7)), (int)num(h, PATH_RES(9, 3, 9)),
				h->calls);
			assert_int_equal(r, row->status);
			assert_int_equal(num(h, PATH_RES(9, 3, 7)), row->state);
			assert_int_equal(num(h, PATH_RES(9, 3, 9)), row->result);
			assert_int_equal(h->saved.state, row->state);
			assert_string_equal(h->calls, row->calls);
		}
}

static void results_of_downloads(void **state)
{
	static const uint8_t want[] = { [FIRMWARE_NO_SPACE] = 50,
		[FIRMWARE_NO_MEMORY] = 51,
		[FIRMWARE_LOST] = 52,
		[FIRMWARE_INTEGRITY] = 53,
		[FIRMWARE_TYPE] = 54,
		[FIRMWARE_BAD_URI] = 56,
		[FIRMWARE_FAILED] = 57,
		[FIRMWARE_PROTOCOL] = 56 };
	struct house *h = *state;

	for (unsigned r = FIRMWARE_NO_SPACE; r <= FIRMWARE_PROTOCOL; r++) {
		go_to(h, AT_PULL);
		software_step(h->s, 3, (enum firmware_result)r);
		assert_int_equal(num(h, PATH_RES(9, 3, 7)), SOFTWARE_INITIAL);
		assert_int_equal(num(h, PATH_RES(9, 3, 9)), want[r]);
	}
}

static void restarts(void **state)
{
	static const struct {
		struct software_record r;
		uint8_t state, result;
		const char *calls;
	} t[] = {
		{ { .state = 1, .result = 1 }, 0, 52, "x" },
		{ { .state = 1, .result = 1, .pull = true }, 1, 1, "F" },
		{ { .state = 2, .result = 1, .whole = true }, 2, 1, "c" },
		{ { .state = 3, .result = 3 }, 3, 3, "" },
		{ { .state = 3, .result = 3, .job = SOFTWARE_INSTALL }, 3, 3, "I" },
		{ { .state = 4, .result = 2, .job = SOFTWARE_UNINSTALL }, 4, 2, "U" },
		{ { .state = 4, .result = 2, .job = SOFTWARE_DEACTIVATE }, 4, 2, "D" },
	};
	struct house *h = *state;

	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		begin(h, &t[k].r);
		assert_int_equal(num(h, PATH_RES(9, 3, 7)), t[k].state);
		assert_int_equal(num(h, PATH_RES(9, 3, 9)), t[k].result);
		assert_string_equal(h->calls, t[k].calls);
	}
}

/* A server makes an instance, tells user and password, then the URI. */
static void made_by_a_server(void **state)
{
	struct house *h = *state;
	struct dm_txn *t;
	uint16_t iid;
	struct value v;

	assert_int_equal(dm_txn_begin(h->dm, 1, DM_CREATE, &PATH_OBJ(9), &t), 0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, &iid, NULL), 0);
	assert_int_equal(iid, 0);
	assert_int_equal(num(h, PATH_RES(9, 0, 7)), 0);
	assert_int_equal(num(h, PATH_RES(9, 0, 8)), 0);
	assert_int_equal(dm_get(h->dm, &PATH_RES(9, 0, 0), &v, NULL), 0);
	assert_int_equal(v.u.s.len, 0);
	begin(h, &(struct software_record){ 0 });
	assert_int_equal(put(h, 14, "me", 2), 0);
	assert_int_equal(put(h, 15, "secret", 6), 0);
	assert_int_equal(put(h, 3, "https://h/p", 11), 0);
	assert_string_equal(h->fetched.user, "me");
	assert_string_equal(h->fetched.password, "secret");
	assert_string_equal(h->fetched.uri, "https://h/p");
	assert_int_equal(h->fetched.ssid, 1);
	/* None of it can be read. */
	for (uint16_t rid = 14; rid <= 15; rid++)
		assert_int_equal(dm_get(h->dm, &PATH_RES(9, 3, rid), &v, NULL), LGW_ENOENT);
}

static void announced(void **state)
{
	struct house *h = *state;

	go_to(h, AT_DELIVERED);
	assert_int_equal(run(h, PATH_RES(9, 3, 4), ""), 0);
	software_step(h->s, 3, FIRMWARE_NONE);
	assert_int_equal(h->announced, 0);
	assert_int_equal(put(h, 8, "1", 1), 0);
	assert_true(h->saved.announce);
	assert_int_equal(run(h, PATH_RES(9, 3, 6), "0"), 0);
	software_step(h->s, 3, FIRMWARE_NONE);
	assert_int_equal(h->announced, 1);
	assert_int_equal(run(h, PATH_RES(9, 3, 6), "2"), LGW_EINVAL);
	assert_int_equal(run(h, PATH_RES(9, 3, 6), "0='x'"), LGW_EINVAL);
}

static void components(void **state)
{
	struct house *h = *state;
	struct value v;

	go_to(h, AT_DELIVERED);
	software_package(h->s, 3, "suite", "1.0");
	assert_int_equal(run(h, PATH_RES(9, 3, 4), ""), 0);
	assert_int_equal(software_component(h->s, 3, "server", "1"), 0);
	assert_int_equal(software_component(h->s, 3, "tools", "2"), 0);
	assert_false(dm_exists(h->dm, &PATH_INST(14, 0))); /* not installed yet */
	software_step(h->s, 3, FIRMWARE_NONE);
	assert_int_equal(num(h, PATH_RES(9, 3, 18)), 2);
	assert_int_equal(dm_get(h->dm, &PATH_RI(9, 3, 17, 1), &v, NULL), 0);
	assert_int_equal(v.u.link.oid, 14);
	assert_int_equal(v.u.link.iid, 1);
	assert_int_equal(dm_get(h->dm, &PATH_RES(14, 1, 0), &v, NULL), 0);
	assert_string_equal((const char *)v.u.s.p, "tools");
	/* One of them alone. */
	assert_int_equal(run(h, PATH_RES(14, 1, 3), ""), 0);
	assert_int_equal(run(h, PATH_RES(14, 0, 3), ""), LGW_EOP); /* one at a time */
	assert_int_equal(h->saved.component, 1);
	software_step(h->s, 3, FIRMWARE_NONE);
	assert_int_equal(num(h, PATH_RES(14, 1, 5)), 1);
	assert_int_equal(num(h, PATH_RES(14, 0, 5)), 0);
	assert_int_equal(num(h, PATH_RES(9, 3, 12)), 0);
	/* They go with the package. */
	assert_int_equal(run(h, PATH_RES(9, 3, 6), ""), 0);
	software_step(h->s, 3, FIRMWARE_NONE);
	assert_false(dm_exists(h->dm, &PATH_INST(14, 0)));
	assert_false(dm_exists(h->dm, &PATH_RES(9, 3, 17)));
	for (unsigned k = 0; k < SOFTWARE_COMPONENTS_MAX; k++) {
		char name[] = { (char)('a' + k), 0 };

		assert_int_equal(software_component(h->s, 3, name, ""), 0);
	}
	assert_int_equal(software_component(h->s, 3, "z", ""), LGW_ENOMEM);
}

static void limits(void **state)
{
	struct house *h = *state;
	const struct software_record r = { .state = 4, .result = 2 };
	char longest[300];

	for (unsigned k = 0; k < SOFTWARE_PACKAGES_MAX; k++)
		assert_int_equal(software_restore(h->s, PATH_ID_NONE, &r), (int)k);
	assert_int_equal(software_restore(h->s, PATH_ID_NONE, &r), LGW_ENOMEM);
	begin(h, &(struct software_record){ 0 });
	memset(longest, 'a', sizeof(longest));
	h->refuse = FIRMWARE_NO_SPACE;
	assert_int_equal(put(h, 2, "p", 1), LGW_ETOOBIG);
	assert_int_equal(num(h, PATH_RES(9, 3, 9)), 50);
	assert_int_equal(put(h, 3, "", 0), LGW_EINVAL);
	software_step(h->s, 77, FIRMWARE_NONE);
	assert_null(software_now(h->s, 77));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_event_in_each_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(results_of_downloads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(restarts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(made_by_a_server, set_up, tear_down),
		cmocka_unit_test_setup_teardown(announced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(components, set_up, tear_down),
		cmocka_unit_test_setup_teardown(limits, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
