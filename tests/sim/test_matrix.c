/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operation x path x right -> code, for both versions of the protocol, printed as a matrix. The
 * order of checks: object 4.04, security 4.01, right 4.01, instance and resource 4.04,
 * operation 4.05, format 4.06 and 4.15, value 4.00.
 */
#include <stdio.h>
#include <stdlib.h>
#include "objects/standard.h"
#include "stage.h"
#include "types/format.h"
#include "util/log.h"

enum op { READ, DISCOVER, OBSERVE, ATTRS, PUT_, POST_, EXECUTE, DELETE_, CREATE_, FETCH_, PATCH_ };

static const char *const op_names[] = { "read", "discover", "observe", "attributes", "write",
	"update", "execute", "delete", "create", "composite r", "composite w" };

#define NOBODY 64u /* there is no entry that could give a right */

struct row {
	enum op op;
	const char *path;
	unsigned needs; /* right; 0: none */
	uint8_t code;   /* with it */
	int format;
	const char *body; /* hexadecimal; of composites JSON */
};

#define TLV_ CF_TLV
#define TXT  CF_TEXT
#define ETCH CF_SENML_ETCH_JSON
static const struct row rows[] = {
	/* 3303/0/5700 is R, 1/0/1 RW, 1/0/8 E, 3/0/11 multiple R, 16/0/0 multiple RW */
	{ READ, "/3303", 0, COAP_205, -1, NULL },
	{ READ, "/3303/0", DM_R, COAP_205, -1, NULL },
	{ READ, "/3303/0/5700", DM_R, COAP_205, -1, NULL },
	{ READ, "/1/0/1", DM_R, COAP_205, -1, NULL },
	{ READ, "/1/0/8", DM_R, COAP_405, -1, NULL },
	{ READ, "/3/0/11", DM_R, COAP_205, -1, NULL },
	{ READ, "/3/0/11/0", DM_R, COAP_205, -1, NULL },
	{ READ, "/3/0/11/9", DM_R, COAP_404, -1, NULL },
	{ READ, "/3303/0/5999", DM_R, COAP_404, -1, NULL },
	{ READ, "/3303/7", NOBODY, COAP_404, -1, NULL },
	{ READ, "/999", 0, COAP_404, -1, NULL },
	{ READ, "/0", DM_C << 3, COAP_401, -1, NULL },
	{ READ, "/0/0/0", DM_C << 3, COAP_401, -1, NULL },
	{ READ, "/", 0, COAP_405, -1, NULL },
	{ OBSERVE, "/3303", 0, COAP_205, -1, NULL },
	{ OBSERVE, "/3303/0/5700", DM_R, COAP_205, -1, NULL },
	{ OBSERVE, "/1/0/8", DM_R, COAP_405, -1, NULL },
	{ DISCOVER, "/3303", 0, COAP_205, -1, NULL },
	{ DISCOVER, "/3303/0", 0, COAP_205, -1, NULL },
	{ DISCOVER, "/3303/0/5700", 0, COAP_205, -1, NULL },
	{ DISCOVER, "/1/0/8", 0, COAP_205, -1, NULL },
	{ DISCOVER, "/3/0/11/0", 0, COAP_405, -1, NULL },
	{ DISCOVER, "/3303/7", 0, COAP_404, -1, NULL },
	{ ATTRS, "/3303?pmin=1", 0, COAP_204, -1, NULL },
	{ ATTRS, "/3303/0?pmin=1", DM_R, COAP_204, -1, NULL },
	{ ATTRS, "/3303/0/5700?gt=1", DM_R, COAP_204, -1, NULL },
	{ ATTRS, "/3303/0?gt=1", DM_R, COAP_400, -1, NULL },
	{ ATTRS, "/3303/0?nonsense", DM_R, COAP_400, -1, NULL },
	{ ATTRS, "/1/0/8?pmin=1", DM_R, COAP_405, -1, NULL },
	{ ATTRS, "/1/0/8?nonsense", DM_R, COAP_405, -1, NULL },
	{ ATTRS, "/3303/0/5999?pmin=1", DM_R, COAP_404, -1, NULL },
	{ PUT_, "/3303", 0, COAP_405, TLV_, "" },
	{ PUT_, "/3303/0/5700", DM_W, COAP_405, TXT, "31" },
	{ PUT_, "/1/0/0", DM_W, COAP_405, TXT, "31" },
	{ PUT_, "/1/0/1", DM_W, COAP_204, TXT, "3636" },
	{ PUT_, "/1/0/1", DM_W, COAP_400, TXT, "78" },
	{ PUT_, "/1/0/1", DM_W, COAP_415, 65000, "3636" },
	{ PUT_, "/1/0/8", DM_W, COAP_405, TXT, "31" },
	{ PUT_, "/1/0/8", DM_W, COAP_405, 65000, "31" },
	{ PUT_, "/16/0/0/0", DM_W, COAP_204, TXT, "62" },
	{ PUT_, "/16/0/0", DM_W, COAP_204, TLV_, "410061" },
	{ PUT_, "/16/0", DM_W, COAP_204, TLV_, "8300410061" },
	{ PUT_, "/16/7", NOBODY, COAP_404, TLV_, "8300410061" },
	{ POST_, "/1/0", DM_W, COAP_204, TLV_, "c10178" },
	{ POST_, "/1/0", DM_W, COAP_405, TLV_, "c10178c10001" }, /* one of them may not */
	{ POST_, "/3303/0", DM_W, COAP_405, TLV_, "e4164441a40000" },
	{ POST_, "/16/0/0", DM_W, COAP_204, TLV_, "410161" },
	{ POST_, "/16/0/0/0", DM_W, COAP_204, TXT, "63" },
	{ EXECUTE, "/1/0/8", DM_X, COAP_204, -1, NULL },
	{ EXECUTE, "/1/0/8", DM_X, COAP_400, TXT, "78" },
	{ EXECUTE, "/1/0/8", DM_X, COAP_415, TLV_, "00" },
	{ EXECUTE, "/1/0/1", DM_X, COAP_405, -1, NULL },
	{ EXECUTE, "/1/0", DM_X, COAP_405, -1, NULL },
	{ EXECUTE, "/3303/0/5999", DM_X, COAP_404, -1, NULL },
	{ EXECUTE, "/3/0/11/0", DM_X, COAP_405, -1, NULL },
	{ DELETE_, "/16/0", DM_D, COAP_202, -1, NULL },
	{ DELETE_, "/3/0", DM_D, COAP_405, -1, NULL },
	{ DELETE_, "/1/0", DM_D, COAP_405, -1, NULL },
	{ DELETE_, "/3303", 0, COAP_405, -1, NULL },
	{ DELETE_, "/16/0/0", DM_D, COAP_405, -1, NULL },
	{ DELETE_, "/16/7", NOBODY, COAP_404, -1, NULL },
	{ CREATE_, "/16", DM_C, COAP_201, TLV_, "8300410061" },
	{ CREATE_, "/16", DM_C, COAP_400, TLV_, "" },               /* a mandatory one is missing */
	{ CREATE_, "/16", DM_C, COAP_400, TLV_, "05008300410061" }, /* this instance is there */
	{ CREATE_, "/16", DM_C, COAP_415, 65000, "00" },
	{ CREATE_, "/3", NOBODY, COAP_405, TLV_, "" },
	{ CREATE_, "/999", 0, COAP_404, TLV_, "" },
	{ CREATE_, "/0", DM_C << 3, COAP_401, TLV_, "" },
	/* What is not there, or not at this depth, by each operation */
	{ OBSERVE, "/999", 0, COAP_404, -1, NULL },
	{ DISCOVER, "/999", 0, COAP_404, -1, NULL },
	{ ATTRS, "/999?pmin=1", 0, COAP_404, -1, NULL },
	{ ATTRS, "/999?nonsense", 0, COAP_404, -1, NULL },
	{ PUT_, "/999/0/0", 0, COAP_404, TXT, "31" },
	{ POST_, "/999/0", 0, COAP_404, TLV_, "" },
	{ DELETE_, "/999/0", 0, COAP_404, -1, NULL },
	{ READ, "/3/0/0/0", DM_R, COAP_404, -1, NULL }, /* single, and yet an instance */
	{ PUT_, "/1/0/1/0", DM_W, COAP_404, TXT, "31" },
	{ OBSERVE, "/3303/7", NOBODY, COAP_404, -1, NULL },
	{ OBSERVE, "/", 0, COAP_405, -1, NULL },
	{ DELETE_, "/", 0, COAP_405, -1, NULL },
	{ DELETE_, "/3303/0/5700", DM_D, COAP_405, -1, NULL },
	{ DELETE_, "/16/0/0/0", DM_D, COAP_405, -1, NULL },
	/* Multiple ones: as a whole, and an instance of them */
	{ READ, "/16", 0, COAP_205, -1, NULL },
	{ READ, "/16/0", DM_R, COAP_205, -1, NULL },
	{ READ, "/16/0/0", DM_R, COAP_205, -1, NULL },
	{ READ, "/16/0/0/0", DM_R, COAP_205, -1, NULL },
	{ OBSERVE, "/16", 0, COAP_205, -1, NULL },
	{ OBSERVE, "/16/0", DM_R, COAP_205, -1, NULL },
	{ OBSERVE, "/16/0/0", DM_R, COAP_205, -1, NULL },
	{ OBSERVE, "/16/0/0/0", DM_R, COAP_205, -1, NULL },
	{ DISCOVER, "/16/0/0", 0, COAP_205, -1, NULL },
	{ ATTRS, "/16/0/0?pmin=1", DM_R, COAP_204, -1, NULL },
	{ ATTRS, "/16/0/0/0?pmin=1", DM_R, COAP_204, -1, NULL },
	{ ATTRS, "/16/0/0?gt=1", DM_R, COAP_400, -1, NULL }, /* no number */
	{ PUT_, "/3/0/11", DM_W, COAP_405, TLV_, "410061" },
	{ PUT_, "/3/0/11/0", DM_W, COAP_405, TXT, "31" },
	{ PUT_, "/16/0/0/5", DM_W, COAP_204, TXT, "62" },
	{ PUT_, "/16/0/0", DM_W, COAP_400, TXT, "62" }, /* many values are no text */
	{ PUT_, "/1/0", DM_W, COAP_405, TLV_, "c10001" },
	{ POST_, "/3/0", DM_W, COAP_204, TLV_, "c40d50000000" },
	{ POST_, "/3303/7", NOBODY, COAP_404, TLV_, "" },
	/* Composites leave out what may not be read, and are written whole or not. */
	{ FETCH_, "/", 0, COAP_205, ETCH,
		"[{\"n\":\"/3303\"},{\"n\":\"/1/0/8\"},{\"n\":\"/999\"}]" },
	{ FETCH_, "/", 0, COAP_415, TXT, "1" },
	{ PATCH_, "/", DM_W, COAP_204, ETCH,
		"[{\"n\":\"/1/0/1\",\"v\":60},{\"n\":\"/16/0/0/0\",\"vs\":\"b\"}]" },
	{ PATCH_, "/", DM_W, COAP_405, ETCH,
		"[{\"n\":\"/1/0/1\",\"v\":60},{\"n\":\"/1/0/8\",\"v\":1}]" },
	{ PATCH_, "/", DM_W, COAP_404, ETCH,
		"[{\"n\":\"/1/0/1\",\"v\":60},{\"n\":\"/999/0/0\",\"v\":1}]" },
	{ PATCH_, "/", DM_W, COAP_400, ETCH, "[{\"n\":\"/1/0/1\",\"vs\":\"x\"}]" },
};

static const struct {
	const char *name;
	unsigned has;
	size_t servers;
} columns[] = { { "-", 0, 2 }, { "R", DM_R, 2 }, { "W", DM_W, 2 }, { "E", DM_X, 2 },
	{ "D", DM_D, 2 }, { "C", DM_C, 2 }, { "RWEDC", 31, 2 }, { "alone", 31, 1 } };

static uint8_t want(const struct row *r, size_t c)
{
	if (r->needs == NOBODY)
		return columns[c].servers > 1 ? COAP_401 : r->code;
	return r->needs && !(columns[c].has & r->needs) ? COAP_401 : r->code;
}

/* Every entry of the server says just this. */
static void set_rights(struct stage *st, unsigned has)
{
	struct dm *dm = client_dm(st->client);
	int32_t y = -1;
	struct value iid;

	while (dm_next(dm, &PATH_OBJ(2), &y)) {
		unsigned mask = 15;

		assert_int_equal(dm_get(dm, &PATH_RES(2, y, 1), &iid, NULL), 0);
		if (iid.u.i == PATH_ID_NONE)
			mask = DM_C;
		assert_int_equal(dm_set(dm, &PATH_RI(2, y, 2, 1), &VALUE_INT(has & mask), 0), 0);
	}
}

static void fresh(struct stage *st, enum lwm2m_version v, size_t c)
{
	struct dm *dm;
	struct value a = VALUE_STR("a");

	st->servers[0].version = st->servers[1].version = v;
	st->params.nservers = columns[c].servers;
	stage_client(st);
	dm = client_dm(st->client);
	assert_int_equal(object_add(client_objects(st->client), 16), 0);
	assert_int_equal(dm_instance_add(dm, 16, 0), 0);
	assert_int_equal(dm_set(dm, &PATH_RI(16, 0, 0, 0), &a, 0), 0);
	set_rights(st, columns[c].has);
	stage_register(st);
}

static uint8_t run(struct stage *st, const struct row *r)
{
	static const uint8_t methods[] = { COAP_GET, COAP_GET, COAP_GET, COAP_PUT, COAP_PUT,
		COAP_POST, COAP_POST, COAP_DELETE, COAP_POST, COAP_FETCH, COAP_IPATCH };

	request(st, methods[r->op], r->path);
	if (r->op == DISCOVER)
		request_option(st, COAP_OPT_ACCEPT, CF_LINK);
	if (r->op == OBSERVE)
		request_option(st, COAP_OPT_OBSERVE, 0);
	if (r->op >= FETCH_)
		request_text(st, r->format, r->body);
	else if (r->body)
		request_hex(st, r->format, r->body);
	return ask(st);
}

static void matrix(struct stage *st, enum lwm2m_version v)
{
	static uint8_t got[sizeof(rows) / sizeof(rows[0])][sizeof(columns) / sizeof(columns[0])];
	unsigned bad = 0;

	for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
			fresh(st, v, c);
			got[k][c] = run(st, &rows[k]);
		}
	print_message("LwM2M %s\n%-13s%-20s", v == LWM2M_1_0 ? "1.0" : "1.1", "", "");
	for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
		print_message("%-6s", columns[c].name);
	print_message("\n");
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		print_message("%-13s%-20s", op_names[rows[k].op], rows[k].path);
		for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++) {
			bool good = got[k][c] == want(&rows[k], c);

			bad += !good;
			print_message(
				"%u.%02u%-2s", got[k][c] >> 5, got[k][c] & 31, good ? "" : "!");
		}
		print_message("\n");
	}
	assert_int_equal(bad, 0);
}

static void matrix_of_1_0(void **state)
{
	matrix(*state, LWM2M_1_0);
}

static void matrix_of_1_1(void **state)
{
	matrix(*state, LWM2M_1_1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(matrix_of_1_0, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(matrix_of_1_1, stage_setup, stage_teardown),
	};

	log_reset_levels(LGW_LOG_ERR); /* the matrix is what is to be read */
	return cmocka_run_group_tests_name("codes", tests, NULL, NULL);
}
