/* SPDX-License-Identifier: BSD-3-Clause */
#include "stage.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "store/store.h"
#include "until.h"
#include "util/hex.h"
#include "util/mem.h"

/* --- the owner ----------------------------------------------------------------------------- */

static void on_state(void *ud, struct client *c, uint16_t ssid)
{
	struct stage *st = ud;

	st->states++;
	if (st->free_in_hook) {
		st->client = NULL;
		client_free(c);
	}
}

static void on_value(void *ud, struct client *c, const struct path *p, const struct value *v,
	int64_t time_ms, bool changed)
{
	struct stage *st = ud;

	st->values++;
}

static int on_reboot(void *ud, struct client *c, struct dm_op *op)
{
	struct stage *st = ud;

	st->reboots++;
	return LGW_OK;
}

static void on_observed(void *ud, struct client *c, const struct path *p, bool on)
{
	struct stage *st = ud;

	st->observed += on ? 1u : -1u;
}

static const char *on_bearer(void *ud, struct client *c, uint16_t profile)
{
	return ((struct stage *)ud)->interface;
}

static const struct client_hooks hooks = {
	.bearer = on_bearer,
	.server_state = on_state,
	.value = on_value,
	.reboot = on_reboot,
	.observed = on_observed,
};

/* --- set-up -------------------------------------------------------------------------------- */

static struct server_params server_params(uint16_t ssid, const char *uri)
{
	return (struct server_params){
		.account = { .name = "test",
			.uri = uri,
			.security = SEC_NONE,
			.ssid = ssid,
			.lifetime = 86400,
			.pmin = -1,
			.pmax = -1,
			.disable_timeout = 60,
			.storing = true,
			.binding = "U" },
		.version = LWM2M_1_0,
		.session = session_params_default,
		.deregister_on_stop = true,
		.retry_min_s = 1,
		.retry_max_s = 300,
	};
}

static struct objdefs *load_defs(void)
{
	const char *src = getenv("srcdir");
	struct objdefs *defs = objdefs_new();
	char dir[512], text[512];

	snprintf(dir, sizeof(dir), "%s/objects", src ? src : ".");
	if (objdefs_load_dir(defs, dir, text, sizeof(text)) <= 0)
		fail_msg("no object definitions: %s", text);
	return defs;
}

static void add_thermometer(struct stage *st)
{
	struct dm *dm = client_dm(st->client);
	struct value unit = VALUE_STR("Cel");

	assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 3303), NULL, NULL), 0);
	assert_int_equal(dm_instance_add(dm, 3303, 0), 0);
	set_float(st, PATH_RES(3303, 0, 5700), 20.5);
	assert_int_equal(dm_set(dm, &PATH_RES(3303, 0, 5701), &unit, 0), 0);
}

/* --- a store in a file ----------------------------------------------------------------------- */

static void on_renewed(void *ud)
{
	clients_note_again(((struct stage *)ud)->env.clients);
}

static const struct store_hooks store_hooks = { .renewed = on_renewed };

static void open_store(struct stage *st)
{
	struct store_params p = store_params_default;
	char text[256];

	p.file = st->file;
	p.durability = STORE_PROCESS;
	if (store_new(&p, st->loop, st->sc.timers, &store_hooks, st, &st->env.store, text,
		    sizeof(text)))
		fail_msg("no store: %s", text);
}

void stage_store(struct stage *st)
{
	snprintf(st->dir, sizeof(st->dir), "/tmp/lgw-sim-XXXXXX");
	assert_non_null(mkdtemp(st->dir));
	snprintf(st->file, sizeof(st->file), "%s/store.db", st->dir);
	st->loop = loop_new();
	open_store(st);
	stage_client(st);
}

static void close_store(struct stage *st)
{
	client_free(st->client);
	st->client = NULL;
	store_free(st->env.store);
	st->env.store = NULL;
}

void stage_restart(struct stage *st, int64_t ms)
{
	close_store(st);
	script_advance(&st->sc, ms);
	open_store(st);
	stage_client(st);
}

static void remove_store(struct stage *st)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-lock", ".corrupt-1",
		".corrupt-1-wal" };
	char name[80];

	if (!st->loop)
		return;
	close_store(st);
	loop_free(st->loop);
	for (size_t k = 0; k < ARRAY_SIZE(ends); k++) {
		snprintf(name, sizeof(name), "%s%s", st->file, ends[k]);
		unlink(name);
	}
	assert_int_equal(rmdir(st->dir), 0);
}

/* What was written is durable, and who waits for that was told. */
static void settle_store(struct stage *st)
{
	script_settle(&st->sc); /* comes first, however soon it is written */
	if (st->loop)
		UNTIL(st->loop, (script_settle(&st->sc), script_sent(st->link)));
}

void stage_client(struct stage *st)
{
	int err = 0;

	client_free(st->client);
	st->client = client_new(&st->env, &st->params, &hooks, st, &err);
	assert_int_equal(err, 0);
	assert_non_null(st->client);
	if (!st->bare)
		add_thermometer(st);
}

int stage_setup(void **state)
{
	struct stage *st = xcalloc(1, sizeof(*st));

	script_init(&st->sc);
	st->defs = load_defs();
	st->env = (struct lwm2m_env){
		.timers = st->sc.timers,
		.links = &st->sc.links,
		.sessions = &st->sc.sessions,
		.defs = st->defs,
		.clients = clients_new(),
	};
	st->servers[0] = server_params(1, "coap://server");
	st->servers[1] = server_params(2, "coap://server2");
	st->servers[2] = server_params(3, "coap://server3");
	st->params = (struct client_params){
		.endpoint = "urn:test:1",
		.servers = st->servers,
		.nservers = 1,
		.facts = { .manufacturer = "Open Mobile Alliance",
			.model = "Lightweight M2M Client",
			.serial = "345000123",
			.firmware_version = "1.0",
			.binding = "U" },
	};
	stage_client(st);
	*state = st;
	return 0;
}

int stage_teardown(void **state)
{
	struct stage *st = *state;

	remove_store(st);
	client_free(st->client);
	clients_free(st->env.clients);
	script_fini(&st->sc);
	objdefs_unref(st->defs);
	free(st);
	return 0;
}

void stage_play(struct stage *st, const char *host)
{
	st->link = script_link(&st->sc, host);
	assert_non_null(st->link);
}

void stage_accept(struct stage *st)
{
	struct coap_msg a;

	script_answer_init(&a, &st->m, COAP_201);
	coap_add_str(&a, COAP_OPT_LOCATION_PATH, "rd");
	coap_add_str(&a, COAP_OPT_LOCATION_PATH, "5a3f");
	script_recv_msg(st->link, &a);
	script_settle(&st->sc);
}

void stage_register(struct stage *st)
{
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "server");
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_POST);
	stage_accept(st);
	expect_quiet(st, 0);
}

/* --- the client's requests ----------------------------------------------------------------- */

static void uri_of(const struct coap_msg *m, char *out, size_t cap)
{
	struct wr w = wr_of(out, cap - 1);
	const struct coap_opt *o;
	unsigned it = 0, n = 0;

	while ((o = coap_opt_next(m, COAP_OPT_URI_PATH, &it))) {
		wr_u8(&w, '/');
		wr_bytes(&w, o->val, o->len);
	}
	it = 0;
	while ((o = coap_opt_next(m, COAP_OPT_URI_QUERY, &it))) {
		wr_u8(&w, n++ ? '&' : '?');
		wr_bytes(&w, o->val, o->len);
	}
	assert_int_equal(wr_err(&w), 0);
	out[w.len] = '\0';
}

void expect_request(struct stage *st, uint8_t code, const char *uri)
{
	char got[512];

	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.type, COAP_CON);
	assert_int_equal(st->m.code, code);
	uri_of(&st->m, got, sizeof(got));
	assert_string_equal(got, uri);
}

void expect_payload(struct stage *st, const char *text)
{
	char got[2048];

	assert_true(st->m.payload_len < sizeof(got));
	if (st->m.payload_len)
		memcpy(got, st->m.payload, st->m.payload_len);
	got[st->m.payload_len] = '\0';
	assert_string_equal(got, text);
}

void expect_payload_hex(struct stage *st, const char *hex)
{
	char got[2048];

	assert_true(st->m.payload_len * 2 < sizeof(got));
	hex_encode(got, st->m.payload, st->m.payload_len);
	assert_string_equal(got, hex);
}

void answer(struct stage *st, uint8_t code)
{
	struct coap_msg a;

	script_answer_init(&a, &st->m, code);
	script_recv_msg(st->link, &a);
	script_settle(&st->sc);
}

void expect_quiet(struct stage *st, int64_t ms)
{
	script_advance(&st->sc, ms);
	assert_int_equal(script_sent(st->link), 0);
}

/* --- the server's requests ----------------------------------------------------------------- */

void request(struct stage *st, uint8_t code, const char *uri)
{
	const char *s = uri;
	uint16_t num = COAP_OPT_URI_PATH;

	coap_msg_init(&st->req, COAP_CON, code);
	st->req.mid = ++st->mid;
	st->req.tkl = 2;
	st->req.token[0] = 0xaa;
	st->req.token[1] = ++st->token;
	while (*s) {
		size_t len;

		if (*s == '?')
			num = COAP_OPT_URI_QUERY;
		len = strcspn(++s, num == COAP_OPT_URI_PATH ? "/?" : "&");
		if (len || *s)
			coap_add(&st->req, num, s, len);
		s += len;
	}
}

void request_option(struct stage *st, uint16_t num, uint32_t value)
{
	assert_int_equal(coap_add_uint(&st->req, num, value), 0);
}

void request_text(struct stage *st, int format, const char *text)
{
	request_option(st, COAP_OPT_CONTENT_FORMAT, (uint32_t)format);
	st->req.payload = (const uint8_t *)text;
	st->req.payload_len = strlen(text);
}

void request_hex(struct stage *st, int format, const char *hex)
{
	static uint8_t bytes[1024];
	int n = hex_decode(bytes, sizeof(bytes), hex, strlen(hex));

	assert_true(n >= 0);
	request_option(st, COAP_OPT_CONTENT_FORMAT, (uint32_t)format);
	st->req.payload = bytes;
	st->req.payload_len = (size_t)n;
}

uint8_t ask(struct stage *st)
{
	script_recv_msg(st->link, &st->req);
	if (!script_sent(st->link))
		settle_store(st);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.type, COAP_ACK);
	assert_int_equal(st->m.mid, st->req.mid);
	assert_int_equal(st->m.tkl, st->req.tkl);
	assert_memory_equal(st->m.token, st->req.token, st->req.tkl);
	return st->m.code;
}

uint8_t ask_for(struct stage *st, uint8_t code, const char *uri)
{
	request(st, code, uri);
	return ask(st);
}

void ask_in_vain(struct stage *st)
{
	script_recv_msg(st->link, &st->req);
	script_settle(&st->sc);
	assert_int_equal(script_sent(st->link), 0);
}

void observe(struct stage *st, const char *uri)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_OBSERVE, 0);
	assert_int_equal(ask(st), COAP_205);
	assert_non_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
}

void expect_notify(struct stage *st, const char *text)
{
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_205);
	assert_int_equal(st->m.token[1], st->token);
	assert_non_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	expect_payload(st, text);
}

void set_float(struct stage *st, struct path p, double v)
{
	struct value val = VALUE_FLOAT(v);

	assert_int_equal(dm_set(client_dm(st->client), &p, &val, 0), 0);
}
