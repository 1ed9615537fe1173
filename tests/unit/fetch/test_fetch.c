/* SPDX-License-Identifier: BSD-3-Clause */
/* Downloads against a server of the test's own, which answers as each case has it written down. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "fetch/fetch.h"
#include "fetch/locator.h"
#include "until.h"
#include "util/err.h"
#include "util/mem.h"

struct stage {
	struct loop *loop;
	struct fetch_env *env;
	struct loop_io *io, *conn;
	int listener, port, fd;
	const char *const *answers; /* one for each connection; NULL at the end */
	unsigned connections;
	bool stays; /* the connection stays open after its answer */
	char requests[8][2048];
	char held[2048];
	size_t nheld;
	/* what the owner was told */
	char tag[FETCH_TAG_MAX + 1];
	unsigned tags, done, asked;
	const char *const *interfaces; /* that are told, the last one from then on; NULL: any */
	int status;
	struct fetch *f;
};

static void hang_up(struct stage *st, int fd)
{
	loop_io_free(st->conn);
	st->conn = NULL;
	close(fd);
}

static void on_conn(void *ud, int fd, unsigned events)
{
	struct stage *st = ud;
	ssize_t n = read(fd, st->held + st->nheld, sizeof(st->held) - 1 - st->nheld);
	const char *answer;

	(void)events;
	if (n <= 0) {
		hang_up(st, fd);
		return;
	}
	st->nheld += (size_t)n;
	st->held[st->nheld] = '\0';
	if (!strstr(st->held, "\r\n\r\n"))
		return;
	assert_true(st->connections < 8);
	memcpy(st->requests[st->connections], st->held, st->nheld + 1);
	answer = st->answers[st->connections++];
	assert_non_null(answer);
	assert_true(write(fd, answer, strlen(answer)) >= 0);
	if (!st->stays)
		hang_up(st, fd);
}

static void on_listener(void *ud, int fd, unsigned events)
{
	struct stage *st = ud;
	int c = accept(fd, NULL, NULL);

	(void)events;
	st->nheld = 0;
	st->conn = loop_io_new(st->loop, c, LOOP_READ, on_conn, st);
}

static int set_up(void **state)
{
	struct stage *st = xcalloc(1, sizeof(*st));
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	char path[] = "/tmp/test_fetch.XXXXXX";

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	signal(SIGPIPE, SIG_IGN);
	st->loop = loop_new();
	st->env = fetch_env_new(st->loop, NULL, NULL);
	st->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(st->listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(st->listener, 5), 0);
	getsockname(st->listener, (struct sockaddr *)&a, &len);
	st->port = ntohs(a.sin_port);
	st->io = loop_io_new(st->loop, st->listener, LOOP_READ, on_listener, st);
	st->fd = mkstemp(path);
	unlink(path);
	*state = st;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *st = *state;

	fetch_free(st->f);
	fetch_env_free(st->env);
	loop_io_free(st->conn);
	loop_io_free(st->io);
	close(st->listener);
	close(st->fd);
	loop_free(st->loop);
	free(st);
	return 0;
}

static void on_tag(void *ud, const char *tag)
{
	struct stage *st = ud;

	st->tags++;
	snprintf(st->tag, sizeof(st->tag), "%s", tag);
}

static void on_done(void *ud, int status)
{
	struct stage *st = ud;

	st->done++;
	st->status = status;
	fetch_free(st->f);
	st->f = NULL;
}

static const char *interface(void *ud)
{
	struct stage *st = ud;

	if (!st->interfaces)
		return NULL;
	st->asked++;
	return st->interfaces[1] ? *st->interfaces++ : *st->interfaces;
}

static const struct fetch_hooks hooks = { on_tag, on_done, interface };

static void start(struct stage *st, struct fetch_params p, const char *scheme, const char *rest,
	const char *const *answers)
{
	char uri[300];

	snprintf(uri, sizeof(uri), "%s://127.0.0.1:%d%s", scheme, st->port, rest);
	p.uri = uri;
	p.fd = st->fd;
	p.max = p.max ? p.max : 1000000;
	p.tries = p.tries ? p.tries : 3;
	p.pause_ms = 1;
	p.idle_ms = PATIENCE_MS;
	st->answers = answers;
	st->connections = 0;
	st->done = 0;
	st->tags = 0;
	st->f = fetch_new(st->env, &p, &hooks, st);
	assert_int_equal(st->done, 0); /* never from within */
}

/* Until it ended: its status. */
static int get(struct stage *st, struct fetch_params p, const char *scheme, const char *rest,
	const char *const *answers)
{
	start(st, p, scheme, rest, answers);
	UNTIL(st->loop, st->done);
	return st->status;
}

static void holds(struct stage *st, const char *text)
{
	char buf[4096];
	ssize_t n = pread(st->fd, buf, sizeof(buf) - 1, 0);

	assert_true(n >= 0);
	buf[n] = '\0';
	assert_string_equal(buf, text);
}

#define OK    "HTTP/1.1 200 OK\r\n"
#define CLOSE "Connection: close\r\n"

static void whole(void **state)
{
	static const char *const a[] = { OK CLOSE "ETag: \"v1\"\r\nContent-Length: 5\r\n\r\nhello",
		NULL };
	static const char *const empty[] = { OK CLOSE "Content-Length: 0\r\n\r\n", NULL };
	struct stage *st = *state;

	assert_int_equal(get(st, (struct fetch_params){ 0 }, "http", "/a/image?x=1", a), LGW_OK);
	holds(st, "hello");
	assert_string_equal(st->tag, "\"v1\"");
	assert_int_equal(strncmp(st->requests[0], "GET /a/image?x=1 HTTP/1.1\r\n", 27), 0);
	assert_int_equal(get(st, (struct fetch_params){ 0 }, "HTTP", "/", empty), LGW_OK);
	holds(st, "");
}

/* It breaks off and goes on where it was. */
static void resumed(void **state)
{
	static const char *const a[] = { OK CLOSE "ETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123",
		"",
		"HTTP/1.1 206 P\r\n" CLOSE "ETag: \"v1\"\r\nContent-Range: bytes 3-9/10\r\n"
		"Content-Length: 7\r\n\r\n3456789",
		NULL };
	struct stage *st = *state;

	assert_int_equal(get(st, (struct fetch_params){ 0 }, "http", "/f", a), LGW_OK);
	holds(st, "0123456789");
	assert_int_equal(st->connections, 3);
	assert_null(strstr(st->requests[0], "Range:"));
	assert_non_null(strstr(st->requests[2], "\r\nRange: bytes=3-\r\n"));
	assert_non_null(strstr(st->requests[2], "\r\nIf-Range: \"v1\"\r\n"));
	assert_int_equal(st->tags, 1);
}

/* After a restart: the file and its tag are what is known. */
static void resumed_later(void **state)
{
	static const char *const a[] = {
		"HTTP/1.1 206 P\r\n" CLOSE
		"Content-Range: bytes 3-5/6\r\nContent-Length: 3\r\n\r\ndef",
		NULL
	};
	static const char *const other[] = {
		OK CLOSE "ETag: \"v2\"\r\nContent-Length: 3\r\n\r\nXYZ", NULL
	};
	static const char *const gone[] = { "HTTP/1.1 416 R\r\n" CLOSE "Content-Length: 0\r\n\r\n",
		OK CLOSE "Content-Length: 2\r\n\r\nno", NULL };
	const struct fetch_params p = { .have = 4, .tag = "\"v1\"" };
	struct stage *st = *state;

	assert_int_equal(pwrite(st->fd, "abcd", 4, 0), 4);
	assert_int_equal(get(st, p, "http", "/f", a), LGW_OK);
	holds(st, "abcdef");
	/* Another image has taken its place meanwhile. */
	assert_int_equal(get(st, p, "http", "/f", other), LGW_OK);
	holds(st, "XYZ");
	assert_string_equal(st->tag, "\"v2\"");
	assert_int_equal(get(st, p, "http", "/f", gone), LGW_OK);
	holds(st, "no");
	/* Without a tag nothing of it is trusted. */
	assert_int_equal(
		get(st, (struct fetch_params){ .have = 2, .tag = "" }, "http", "/f", gone + 1),
		LGW_OK);
	assert_null(strstr(st->requests[0], "Range:"));
}

/* A part that is not the one asked for. */
static void wrong_part(void **state)
{
	static const char *const a[] = {
		"HTTP/1.1 206 P\r\n" CLOSE
		"Content-Range: bytes 9-9/10\r\nContent-Length: 1\r\n\r\nz",
		NULL
	};
	static const char *const b[] = { "HTTP/1.1 206 P\r\n" CLOSE
					 "ETag: \"v2\"\r\nContent-Range: bytes 3-3/4\r\n"
					 "Content-Length: 1\r\n\r\nz",
		OK CLOSE "Content-Length: 2\r\n\r\nok", NULL };
	const struct fetch_params p = { .have = 4, .tag = "\"v1\"", .tries = 2 };
	struct stage *st = *state;

	assert_int_equal(get(st, p, "http", "/f", a), LGW_EINVAL);
	assert_int_equal(get(st, p, "http", "/f", b), LGW_OK);
	holds(st, "ok");
}

static void lost(void **state)
{
	static const char *const a[] = { "", OK CLOSE "Content-Length: 9\r\n\r\nabc",
		"HTTP/1.1 503 No\r\n" CLOSE "Content-Length: 0\r\n\r\n", NULL };
	struct stage *st = *state;

	assert_int_equal(get(st, (struct fetch_params){ 0 }, "http", "/f", a), LGW_EUNAVAIL);
	assert_int_equal(st->connections, 3);
}

static void refused(void **state)
{
	static const char *const gone[] = {
		"HTTP/1.1 404 No\r\n" CLOSE "Content-Length: 4\r\n\r\nnope", NULL
	};
	static const char *const large[] = { OK CLOSE "Content-Length: 2000\r\n\r\n", NULL };
	static const char *const endless[] = { OK CLOSE "\r\n0123456789abcdef", NULL };
	static const char *const loop[] = { "HTTP/1.1 302 F\r\n" CLOSE
					    "Location: /f\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 302 F\r\n" CLOSE "Location: /f\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 302 F\r\n" CLOSE "Location: /f\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 302 F\r\n" CLOSE "Location: /f\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 302 F\r\n" CLOSE "Location: /f\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 302 F\r\n" CLOSE "Location: /f\r\nContent-Length: 0\r\n\r\n", NULL };
	static const char *const file[] = {
		"HTTP/1.1 302 F\r\n" CLOSE
		"Location: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
		NULL
	};
	const struct fetch_params p = { .max = 10 };
	struct stage *st = *state;

	assert_int_equal(get(st, p, "http", "/f", gone), LGW_ENOENT);
	holds(st, "");
	assert_int_equal(get(st, p, "http", "/f", large), LGW_ETOOBIG);
	assert_int_equal(get(st, p, "http", "/f", endless), LGW_ETOOBIG);
	assert_int_equal(get(st, p, "http", "/f", loop), LGW_EINVAL);
	assert_int_equal(get(st, p, "http", "/f", file), LGW_ENOTSUP);
	assert_int_equal(st->connections, 1);
}

static void redirected(void **state)
{
	static const char *const a[] = {
		"HTTP/1.1 302 F\r\n" CLOSE
		"ETag: \"r\"\r\nLocation: /there\r\nContent-Length: 3\r\n\r\nno!",
		OK CLOSE "ETag: \"v1\"\r\nContent-Length: 3\r\n\r\nyes", NULL
	};
	struct stage *st = *state;

	assert_int_equal(get(st, (struct fetch_params){ 0 }, "http", "/here", a), LGW_OK);
	holds(st, "yes");
	assert_string_equal(st->tag, "\"v1\"");
}

static void with_password(void **state)
{
	static const char *const a[] = {
		"HTTP/1.1 401 No\r\n" CLOSE
		"WWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
		OK CLOSE "Content-Length: 2\r\n\r\nok", NULL
	};
	const struct fetch_params p = { .user = "u", .password = "p" };
	struct stage *st = *state;

	assert_int_equal(get(st, p, "http", "/f", a), LGW_OK);
	assert_non_null(strstr(st->requests[1], "Authorization: Basic dTpw\r\n"));
	assert_int_equal(get(st, (struct fetch_params){ 0 }, "http", "/f", a), LGW_ENOENT);
}

/* The disk is full: RLIMIT_FSIZE stands for it. */
static void no_space(void **state)
{
	static const char *const a[] = { OK CLOSE "Content-Length: 9\r\n\r\n012345678", NULL };
	struct rlimit limit = { 5, RLIM_INFINITY }, old;
	struct stage *st = *state;
	int r;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	r = get(st, (struct fetch_params){ 0 }, "http", "/f", a);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(r, LGW_ETOOBIG);
}

static void schemes(void **state)
{
	static const struct {
		const char *uri;
		int status;
	} t[] = { { "ftp://h/f", LGW_ENOTSUP }, { "gopher://h", LGW_ENOTSUP },
		{ "file:///etc/passwd", LGW_ENOTSUP }, { "no uri", LGW_EINVAL },
		{ "://h/f", LGW_EINVAL }, { "", LGW_EINVAL }, { "1http://h/", LGW_EINVAL },
		{ "http//h/", LGW_EINVAL }, { "http://h/a b", LGW_EINVAL },
		{ "http://h/\n", LGW_EINVAL }, { "http://", LGW_EINVAL },
		{ "http://h:99999/", LGW_EINVAL } };
	struct stage *st = *state;

	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		const struct fetch_params p = {
			.uri = t[k].uri, .fd = st->fd, .max = 1, .tries = 1, .idle_ms = 1000
		};

		st->done = 0;
		st->f = fetch_new(st->env, &p, &hooks, st);
		assert_int_equal(st->done, 0);
		UNTIL(st->loop, st->done);
		print_message("%s: %s\n", t[k].uri, err_text(st->status));
		assert_int_equal(st->done, 1);
		assert_int_equal(st->status, t[k].status);
	}
}

/* It waits for its interface, and goes over no other one. */
static void over_an_interface(void **state)
{
	static const char *const a[] = { OK CLOSE "Content-Length: 3\r\n\r\nabc", NULL };
	static const char *const there[] = { "", "lo", NULL }, *const none[] = { "nonesuch0",
		NULL };
	struct stage *st = *state;

	st->interfaces = there;
	assert_int_equal(get(st, (struct fetch_params){ .tries = 1 }, "http", "/f", a), LGW_OK);
	assert_int_equal(st->asked, 2);
	st->interfaces = none;
	assert_int_equal(
		get(st, (struct fetch_params){ .tries = 2 }, "http", "/f", a), LGW_EUNAVAIL);
	assert_int_equal(st->connections, 0);
}

/* Given up in the middle: nothing is left, nobody is told. */
static void given_up(void **state)
{
	static const char *const a[] = { OK CLOSE "Content-Length: 9\r\n\r\nabc", NULL };
	struct stage *st = *state;

	st->stays = true; /* its end could be met in the turn of its bytes, and asked for anew */
	start(st, (struct fetch_params){ .tries = 9 }, "http", "/f", a);
	UNTIL(st->loop, fetch_bytes(st->f));
	fetch_free(st->f);
	st->f = NULL;
	loop_turn(st->loop, 0);
	assert_int_equal(st->done, 0);
}

static void locators(void **state)
{
	static const struct {
		const char *uri, *server, *options; /* NULL server: none */
	} t[] = {
		{ "coap://h", "coap://h", "" },
		{ "coap://h/", "coap://h", "" },
		{ "coaps://[::1]:5684/a/b%2Fc?x=1&y%20", "coaps://[::1]:5684", "/a/b/c?x=1?y " },
		{ "coap://h/a//b/", "coap://h", "/a//b/" },
		{ "coap://h?q", "coap://h", "?q" },
		{ "coap://h/a#sha256=00", "coap://h", "/a" },
		{ "coap://h#x/y?z", "coap://h", "" },
		{ "coap:///a", NULL, NULL },
		{ "coap:h/a", NULL, NULL },
		{ "coap://h/%", NULL, NULL },
		{ "coap://h/%4", NULL, NULL },
		{ "coap://h/%4g", NULL, NULL },
		{ "coap://h/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", NULL, NULL },
	};
	struct locator l;
	struct coap_msg m;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		char text[300] = "";
		size_t n = 0;

		assert_int_equal(locator_parse(&l, t[k].uri), t[k].server ? 0 : LGW_EINVAL);
		if (!t[k].server)
			continue;
		assert_string_equal(l.server, t[k].server);
		coap_msg_init(&m, COAP_CON, COAP_GET);
		assert_int_equal(locator_options(&l, &m), 0);
		for (unsigned o = 0; o < m.nopts; o++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%c%.*s",
				m.opts[o].num == COAP_OPT_URI_PATH ? '/' : '?', (int)m.opts[o].len,
				(const char *)m.opts[o].val);
		assert_string_equal(text, t[k].options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(resumed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(resumed_later, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wrong_part, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(redirected, set_up, tear_down),
		cmocka_unit_test_setup_teardown(with_password, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_space, set_up, tear_down),
		cmocka_unit_test_setup_teardown(schemes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(over_an_interface, set_up, tear_down),
		cmocka_unit_test_setup_teardown(given_up, set_up, tear_down),
		cmocka_unit_test(locators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
