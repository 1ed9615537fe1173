/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transfers in blocks by the dialogues of tests/vectors/block (its README.txt tells their words),
 * and what cannot be said in them: sinks, sizes, two peers.
 */
#include "blockplay.h"
#include <stdio.h>
#include <stdlib.h>

/* --- words of a dialogue -------------------------------------------------------------------- */

static uint8_t code_of(const char *w)
{
	static const char *const methods[] = { "", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH",
		"iPATCH" };
	unsigned class_, detail;

	for (uint8_t i = 1; i < ARRAY_SIZE(methods); i++)
		if (!strcmp(w, methods[i]))
			return i;
	if (sscanf(w, "%u.%u", &class_, &detail) != 2)
		fail_msg("no code: %s", w);
	return COAP_CODE(class_, detail);
}

static bool block_of(const char *w, struct coap_block *b, uint16_t *num)
{
	unsigned which, n, more, size;

	if (sscanf(w, "%u:%u/%u/%u", &which, &n, &more, &size) != 4)
		return false;
	*b = (struct coap_block){ n, size == 7 ? 7 : coap_block_szx(size), more };
	*num = which == 1 ? COAP_OPT_BLOCK1 : COAP_OPT_BLOCK2;
	return true;
}

static bool add_named(struct coap_msg *m, const char *w)
{
	static const struct {
		const char *name;
		uint16_t num;
		bool text;
	} t[] = {
		{ "observe", COAP_OPT_OBSERVE, false },
		{ "size1:", COAP_OPT_SIZE1, false },
		{ "size2:", COAP_OPT_SIZE2, false },
		{ "etag:", COAP_OPT_ETAG, true },
		{ "echo:", COAP_OPT_ECHO, true },
		{ "tag:", COAP_OPT_REQUEST_TAG, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *v = w + strlen(t[i].name);

		if (strncmp(w, t[i].name, strlen(t[i].name)))
			continue;
		return !(t[i].text ? coap_add_str(m, t[i].num, v)
				   : coap_add_uint(m, t[i].num, (uint32_t)strtoul(v, NULL, 10)));
	}
	return false;
}

/* One message of the peer. */
static void peer_says(char *line)
{
	struct coap_block b;
	struct coap_msg m;
	char *w = strtok_r(line, " ", &line);
	uint8_t code = code_of(w);
	bool explicit_len = false, path = false;
	uint16_t num;

	if (coap_is_request(code)) {
		coap_msg_init(&m, COAP_CON, code);
		m.mid = ++p.mid;
		m.tkl = 2;
		memcpy(m.token, &p.mid, 2);
	} else {
		script_answer_init(&m, &p.m, code);
	}
	while ((w = strtok_r(line, " ", &line))) {
		if (block_of(w, &b, &num)) {
			coap_block_add(&m, num, &b);
			if (explicit_len || coap_is_request(code) != (num == COAP_OPT_BLOCK1))
				continue;
			m.payload = pattern + coap_block_offset(&b);
			m.payload_len = b.more ? coap_block_size(b.szx) : 0;
		} else if (*w == '+') {
			m.payload = m.payload ? m.payload : pattern;
			m.payload_len = strtoul(w + 1, NULL, 10);
			explicit_len = true;
		} else if (*w == '/') {
			coap_add_str(&m, COAP_OPT_URI_PATH, w + 1);
			path = true;
		} else if (!add_named(&m, w)) {
			fail_msg("no such word: %s", w);
		}
	}
	if (coap_is_request(code) && !path)
		coap_add_str(&m, COAP_OPT_URI_PATH, "r");
	script_recv_msg(p.l, &m);
}

static void check_uint(uint16_t num, const char *v)
{
	assert_non_null(coap_opt_find(&p.m, num));
	assert_int_equal(coap_opt_uint(&p.m, num, 0), strtoul(v, NULL, 10));
}

/* One message of ours. */
static void we_say(const char *title, char *line)
{
	char *w = strtok_r(line, " ", &line);
	uint8_t code = code_of(w);
	uint16_t num, seen[2] = { 0 };
	struct coap_block b, is;
	size_t offset = 0;
	bool observe = false, etag = false, echo = false;

	if (!script_take(p.l, &p.m))
		fail_msg("%s: nothing was sent, %s expected", title, w);
	if (p.m.code != code)
		fail_msg("%s: %u.%02u instead of %s", title, p.m.code >> 5, p.m.code & 31, w);
	while ((w = strtok_r(line, " ", &line))) {
		if (block_of(w, &b, &num)) {
			seen[num == COAP_OPT_BLOCK2] = num;
			if (!coap_block_get(&p.m, num, &is) || is.num != b.num ||
				is.more != b.more || is.szx != b.szx)
				fail_msg("%s: %u/%u/%zu instead of %s", title, is.num, is.more,
					coap_block_size(is.szx), w);
			if (coap_is_request(code) == (num == COAP_OPT_BLOCK1))
				offset = (size_t)coap_block_offset(&b);
		} else if (!strncmp(w, "size1:", 6)) {
			check_uint(COAP_OPT_SIZE1, w + 6);
		} else if (!strncmp(w, "size2:", 6)) {
			check_uint(COAP_OPT_SIZE2, w + 6);
		} else if (*w == '+') {
			assert_int_equal(p.m.payload_len, strtoul(w + 1, NULL, 10));
		} else if (!strcmp(w, "observe")) {
			observe = true;
		} else if (!strcmp(w, "etag")) {
			etag = true;
		} else if (!strncmp(w, "echo:", 5)) {
			const struct coap_opt *o = coap_opt_find(&p.m, COAP_OPT_ECHO);

			echo = true;
			assert_non_null(o);
			assert_int_equal(o->len, strlen(w + 5));
			assert_memory_equal(o->val, w + 5, o->len);
		} else {
			fail_msg("no such word: %s", w);
		}
	}
	for (int i = 0; i < 2; i++)
		if (!seen[i] && coap_opt_find(&p.m, i ? COAP_OPT_BLOCK2 : COAP_OPT_BLOCK1))
			fail_msg("%s: Block%d that was not expected", title, i + 1);
	assert_int_equal(observe, coap_opt_find(&p.m, COAP_OPT_OBSERVE) != NULL);
	assert_int_equal(echo, coap_opt_find(&p.m, COAP_OPT_ECHO) != NULL);
	if (etag)
		assert_non_null(coap_opt_find(&p.m, COAP_OPT_ETAG));
	if (p.m.payload_len && code != COAP_231)
		assert_memory_equal(p.m.payload, pattern + offset, p.m.payload_len);
}

static void notify(void)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_NON, COAP_205);
	m.payload = pattern;
	m.payload_len = p.answer;
	assert_int_equal(observer_notify(p.o, &m, 0), LGW_OK);
}

static void call(const char *method, size_t len)
{
	struct coap_msg m;
	struct call *c;

	coap_msg_init(&m, COAP_CON, code_of(method));
	coap_add_str(&m, COAP_OPT_URI_PATH, "rd");
	m.payload = pattern;
	m.payload_len = len;
	p.done = false;
	assert_int_equal(session_call(p.s, &m, on_answer, NULL, &c), LGW_OK);
	if (p.stream)
		call_stream(c, on_data);
}

static void done(const char *title, const char *what, const char *len)
{
	if (!p.done)
		fail_msg("%s: the call goes on", title);
	if (*what == '-')
		assert_int_equal(p.status, strtol(what, NULL, 10));
	else
		assert_int_equal(p.code, code_of(what));
	if (len)
		assert_int_equal(p.done_len, strtoul(len, NULL, 10));
	p.done = false;
}

static void step(const char *title, char *line)
{
	char *w = strtok_r(line, " ", &line), *arg;

	if (!strcmp(w, ">")) {
		peer_says(line);
	} else if (!strcmp(w, "<")) {
		we_say(title, line);
	} else if (!strcmp(w, "block")) {
		p.params.block_size = (uint32_t)strtoul(line, NULL, 10);
	} else if (!strcmp(w, "max")) {
		p.params.body_max = (uint32_t)strtoul(line, NULL, 10);
	} else if (!strcmp(w, "answer")) {
		p.answer = strtoul(line, NULL, 10);
	} else if (!strcmp(w, "code")) {
		p.ok = code_of(line);
	} else if (!strcmp(w, "got")) {
		assert_int_equal(p.got, *line == 'n' ? -1 : strtol(line, NULL, 10));
		p.got = -1;
	} else if (!strcmp(w, "notify")) {
		notify();
	} else if (!strcmp(w, "call")) {
		arg = strtok_r(line, " ", &line);
		call(arg, strtoul(line, NULL, 10));
	} else if (!strcmp(w, "done")) {
		arg = strtok_r(line, " ", &line);
		done(title, arg, strtok_r(line, " ", &line));
	} else if (!strcmp(w, "wait")) {
		script_advance(&p.sc, strtol(line, NULL, 10));
	} else if (!strcmp(w, "quiet")) {
		if (script_sent(p.l))
			fail_msg("%s: something was sent", title);
	} else {
		fail_msg("%s: no such word: %s", title, w);
	}
}

/* Each dialogue with a session of its own. */
static unsigned play(const char *name)
{
	const char *src = getenv("srcdir");
	char file[512], line[256], title[256] = "";
	unsigned n = 0;
	FILE *f;

	snprintf(file, sizeof(file), "%s/tests/vectors/block/%s.txt", src ? src : ".", name);
	f = fopen(file, "r");
	if (!f)
		fail_msg("%s is missing", file);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "#\n")] = '\0';
		for (size_t k = strlen(line); k && line[k - 1] == ' '; k--)
			line[k - 1] = '\0';
		if (!strncmp(line, "== ", 3)) {
			if (n++) {
				assert_int_equal(script_sent(p.l), 0);
				end(NULL);
				begin(NULL);
			}
			snprintf(title, sizeof(title), "%s", line + 3);
			print_message("%s\n", title);
		} else if (*line) {
			step(title, line);
		}
	}
	fclose(f);
	return n;
}

static void rfc7959(void **state)
{
	assert_true(play("rfc7959") >= 14);
}

static void received(void **state)
{
	assert_true(play("received") >= 10);
}

static void requested(void **state)
{
	assert_true(play("requested") >= 10);
}

static void TD_COAP_BLOCK(void **state)
{
	assert_true(play("td-coap-block") >= 6);
}

/* --- what is not said in words -------------------------------------------------------------- */

static void put_block(uint32_t num, bool more, size_t len, uint64_t offset)
{
	struct coap_block b = { num, COAP_SZX_MAX, more };
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, COAP_PUT);
	m.mid = ++p.mid;
	coap_add_str(&m, COAP_OPT_URI_PATH, "5");
	coap_block_add(&m, COAP_OPT_BLOCK1, &b);
	m.payload = pattern + offset % sizeof(pattern);
	m.payload_len = len;
	script_recv_msg(p.l, &m);
	if (!p.s)
		return;
	assert_true(script_take(p.l, &p.m));
}

/* 64 MiB into a sink: nothing of it is kept. */
static void an_upload_of_64_mib_is_streamed(void **state)
{
	p.sunk = true;
	for (uint32_t n = 0; n < 65536; n++) {
		put_block(n, n < 65535, 1024, (uint64_t)n * 1024);
		assert_int_equal(p.m.code, n < 65535 ? COAP_231 : COAP_204);
	}
	assert_int_equal(p.streamed, 64 << 20);
	assert_int_equal(p.ended, 1);
}

static void a_sink_may_refuse(void **state)
{
	p.sunk = true;
	put_block(0, true, 1024, 0);
	p.sink_code = COAP_500;
	put_block(1, true, 1024, 1024);
	assert_int_equal(p.m.code, COAP_500);
	assert_int_equal(p.ended, 1);
	put_block(2, true, 1024, 2048);
	assert_int_equal(p.m.code, COAP_408);
}

static void a_sink_is_told_of_every_end(void **state)
{
	p.sunk = true;
	put_block(0, true, 1024, 0);
	script_advance(&p.sc, 247000);
	assert_int_equal(p.ended, 1); /* EXCHANGE_LIFETIME */
	put_block(0, true, 1024, 0);
	put_block(0, true, 1024, 0);
	assert_int_equal(p.ended, 2); /* begun anew */
	script_event(p.l, LINK_DOWN, LGW_EIO);
	assert_int_equal(p.ended, 3);
}

static void freed_in_the_end_of_a_sink(void **state)
{
	p.sunk = p.freed = true;
	put_block(0, true, 1024, 0);
	session_free(p.s2);
	p.s2 = NULL;
	put_block(1, false, 10, 1024);
	assert_null(p.s);
}

static void refused_without_a_word(void **state)
{
	struct coap_block b = { 0, COAP_SZX_MAX, true };
	struct coap_msg m;

	p.refuse = true;
	coap_msg_init(&m, COAP_CON, COAP_PUT);
	coap_block_add(&m, COAP_OPT_BLOCK1, &b);
	m.payload = pattern;
	m.payload_len = 1024;
	script_recv_msg(p.l, &m);
	script_advance(&p.sc, 5000);
	assert_int_equal(script_sent(p.l), 0);
}

/* Two peers send to the same resource: their bodies do not mix. */
static void transfers_of_two_servers(void **state)
{
	struct scripted_link *first = p.l;

	p.s2 = open_session("coap://other");
	put_block(0, true, 1024, 0);
	p.l = script_link(&p.sc, "other");
	put_block(0, true, 1024, 0);
	put_block(1, true, 1024, 1024);
	p.l = first;
	put_block(2, true, 1024, 2048);
	assert_int_equal(p.m.code, COAP_408);
	put_block(1, false, 500, 1024);
	assert_int_equal(p.m.code, COAP_204);
	assert_int_equal(p.got, 1524);
	p.l = script_link(&p.sc, "other");
	put_block(2, false, 1, 2048);
	assert_int_equal(p.got, 2049);
	p.l = first;
}

/* A block of 16 bytes of the answer to a FETCH whose body has so many bytes; how long it is. */
static size_t fetch_block(size_t body, uint32_t num)
{
	struct coap_block b = { num, 0, false };
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, COAP_FETCH);
	m.mid = ++p.mid;
	coap_block_add(&m, COAP_OPT_BLOCK2, &b);
	m.payload = pattern;
	m.payload_len = body;
	script_recv_msg(p.l, &m);
	assert_true(script_take(p.l, &p.m));
	assert_int_equal(p.m.code, COAP_205);
	assert_memory_equal(p.m.payload, pattern + 16 * num, p.m.payload_len);
	return p.m.payload_len;
}

/* Two queries to one resource at a time, each repeated with every block: their answers do not mix.
 */
static void answers_to_two_queries(void **state)
{
	p.answer = 40;
	assert_int_equal(fetch_block(5, 0), 16);
	p.answer = 35;
	assert_int_equal(fetch_block(7, 0), 16);
	assert_int_equal(fetch_block(5, 1), 16);
	assert_int_equal(fetch_block(7, 2), 3);
	assert_int_equal(fetch_block(5, 2), 8);
	assert_int_equal(fetch_block(0, 2), 8); /* not repeated: the last one is meant */
	assert_int_equal(p.requests, 2);
}

/* More transfers than are allowed: the oldest gives way, no request is refused. */
static void transfers_are_bounded(void **state)
{
	char path[8];

	for (uint32_t i = 0; i < 1000; i++) {
		struct coap_block b = { 0, COAP_SZX_MAX, true };
		struct coap_msg m;

		coap_msg_init(&m, COAP_CON, COAP_PUT);
		m.mid = ++p.mid;
		snprintf(path, sizeof(path), "%u", i);
		coap_add_str(&m, COAP_OPT_URI_PATH, path);
		coap_block_add(&m, COAP_OPT_BLOCK1, &b);
		m.payload = pattern;
		m.payload_len = 1024;
		script_recv_msg(p.l, &m);
		assert_true(script_take(p.l, &p.m));
		assert_int_equal(p.m.code, COAP_231);
	}
	put_block(0, false, 3, 0);
	assert_int_equal(p.m.code, COAP_204);
}

static void a_download_of_64_mib_is_streamed(void **state)
{
	struct coap_block b = { 0, COAP_SZX_MAX, true };
	struct coap_msg m;

	p.stream = true;
	call("GET", 0);
	for (uint32_t n = 0; n < 65536; n++) {
		assert_true(script_take(p.l, &p.m));
		assert_int_equal(coap_opt_uint(&p.m, COAP_OPT_BLOCK2, 0) >> 4, n);
		script_answer_init(&m, &p.m, COAP_205);
		coap_add_str(&m, COAP_OPT_ETAG, "v1");
		b.num = n;
		b.more = n < 65535;
		coap_block_add(&m, COAP_OPT_BLOCK2, &b);
		m.payload = pattern + (size_t)n * 1024 % sizeof(pattern);
		m.payload_len = 1024;
		script_recv_msg(p.l, &m);
	}
	assert_true(p.done);
	assert_int_equal(p.code, COAP_205);
	assert_int_equal(p.streamed, 64 << 20);
}

/* A long transfer lets other requests go between its blocks. */
static void calls_take_turns(void **state)
{
	struct coap_msg m;
	uint8_t codes[6];

	call("POST", 4000);
	call("DELETE", 0);
	for (int i = 0; i < 5; i++) {
		assert_true(script_take(p.l, &p.m));
		codes[i] = p.m.code;
		script_answer_init(&m, &p.m,
			p.m.code == COAP_DELETE                       ? COAP_202
			: coap_opt_uint(&p.m, COAP_OPT_BLOCK1, 0) & 8 ? COAP_231
								      : COAP_204);
		coap_add_uint(&m, COAP_OPT_BLOCK1, coap_opt_uint(&p.m, COAP_OPT_BLOCK1, 0));
		script_recv_msg(p.l, &m);
	}
	assert_int_equal(codes[1], COAP_DELETE);
	assert_int_equal(p.code, COAP_204);
	assert_int_equal(script_sent(p.l), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rfc7959),
		TEST(received),
		TEST(requested),
		TEST(TD_COAP_BLOCK),
		TEST(an_upload_of_64_mib_is_streamed),
		TEST(a_sink_may_refuse),
		TEST(a_sink_is_told_of_every_end),
		TEST(freed_in_the_end_of_a_sink),
		TEST(refused_without_a_word),
		TEST(transfers_of_two_servers),
		TEST(answers_to_two_queries),
		TEST(transfers_are_bounded),
		TEST(a_download_of_64_mib_is_streamed),
		TEST(calls_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
