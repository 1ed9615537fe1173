/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP and HTTPS by libcurl, whose sockets and timer are our loop's. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "fetch/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/str.h"

LOG_MODULE("fetch");

#define REDIRECTS_MAX      5L
#define CONNECT_TIMEOUT_MS 30000L

struct http {
	struct loop *loop;
	CURLM *multi;
	struct timer timer;
};

struct http_fetch {
	struct fetch *f;
	CURL *easy;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
	char tag[FETCH_TAG_MAX + 1]; /* of the answer that is read now */
	int64_t from;                /* of its Content-Range, -1: none */
	int status;                  /* why we ended it ourselves */
	bool changed;                /* … and it is since another thing came */
	bool begun;
};

static int begin(struct http_fetch *h);

/* --- the loop ------------------------------------------------------------------------------ */

/* What a failure means: LGW_EUNAVAIL may be gone the next time. */
static int status_of(CURLcode r)
{
	switch (r) {
	case CURLE_OK:
		return LGW_OK;
	case CURLE_UNSUPPORTED_PROTOCOL:
		return LGW_ENOTSUP;
	case CURLE_URL_MALFORMAT:
	case CURLE_TOO_MANY_REDIRECTS:
		return LGW_EINVAL;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return LGW_ENOENT;
	case CURLE_FILESIZE_EXCEEDED:
		return LGW_ETOOBIG;
	case CURLE_OUT_OF_MEMORY:
		return LGW_ENOMEM;
	default:
		return LGW_EUNAVAIL;
	}
}

/* Another attempt would end the same way. */
static bool is_final(CURLcode r)
{
	return r == CURLE_PEER_FAILED_VERIFICATION || r == CURLE_SSL_CACERT_BADFILE ||
	       r == CURLE_SSL_CERTPROBLEM || r == CURLE_UNSUPPORTED_PROTOCOL ||
	       r == CURLE_URL_MALFORMAT || r == CURLE_TOO_MANY_REDIRECTS ||
	       r == CURLE_FILESIZE_EXCEEDED || r == CURLE_OUT_OF_MEMORY;
}

static void ended(struct http_fetch *h, CURLcode r)
{
	if (!r && !h->begun) /* no byte came */
		h->status = begin(h);
	if (h->changed)
		fetch_changed(h->f);
	if (h->status) {
		fetch_attempt(h->f, h->status, h->changed || h->status == LGW_EUNAVAIL);
		return;
	}
	if (r)
		log_notice(
			NULL, "%s: %s", h->f->p.uri, *h->error ? h->error : curl_easy_strerror(r));
	fetch_attempt(h->f, status_of(r), !is_final(r));
}

static void look(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left))) {
		char *ud = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &ud);
		ended((struct http_fetch *)(void *)ud, m->data.result);
	}
}

static void on_io(void *ud, int fd, unsigned events)
{
	struct http *h = ud;
	int running, mask = (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
			    (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(h->multi, fd, mask, &running);
	look(h);
}

static void on_timer(struct timer *t, void *ud)
{
	struct http *h = ud;
	int running;

	(void)t;
	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	look(h);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *ud, void *sock)
{
	struct http *h = ud;
	unsigned events = (what & CURL_POLL_IN ? (unsigned)LOOP_READ : 0) |
			  (what & CURL_POLL_OUT ? (unsigned)LOOP_WRITE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE)
		loop_io_free(sock);
	else if (sock)
		loop_io_set(sock, events);
	else
		sock = loop_io_new(h->loop, fd, events, on_io, h);
	curl_multi_assign(h->multi, fd, what == CURL_POLL_REMOVE ? NULL : sock);
	return 0;
}

static int want_timer(CURLM *multi, long ms, void *ud)
{
	struct http *h = ud;
	struct timers *ts = loop_timers(h->loop);

	(void)multi;
	if (ms < 0)
		timer_del(ts, &h->timer);
	else
		timer_set(ts, &h->timer, timers_now(ts) + ms);
	return 0;
}

static struct http *http_of(struct fetch_env *env)
{
	struct http *h = env->http;

	if (h)
		return h;
	h = env->http = xcalloc(1, sizeof(*h));
	h->loop = env->loop;
	timer_init(&h->timer, on_timer, h);
	h->multi = curl_multi_init();
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	curl_multi_cleanup(h->multi);
	timer_del(loop_timers(h->loop), &h->timer);
	free(h);
}

/* --- an answer ----------------------------------------------------------------------------- */

/* The value of a header line of this name, without the spaces around it; or NULL. */
static const char *value_of(const char *line, size_t len, const char *name, size_t *out)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) || line[n] != ':')
		return NULL;
	line += n + 1;
	len -= n + 1;
	while (len && (*line == ' ' || *line == '\t'))
		line++, len--;
	while (len && strchr("\r\n \t", line[len - 1]))
		len--;
	*out = len;
	return line;
}

/* RFC 9110 §14.4: "bytes 100-199/200". */
static int64_t range_begin(const char *v, size_t len)
{
	const char *dash = memchr(v, '-', len);
	int64_t from;

	if (!dash || len < 7 || strncasecmp(v, "bytes ", 6) ||
		num_parse_i64(v + 6, (size_t)(dash - v - 6), &from))
		return -1;
	return from;
}

static size_t on_header(char *line, size_t size, size_t n, void *ud)
{
	struct http_fetch *h = ud;
	size_t len = size * n, vlen;
	const char *v;

	if (len > 5 && !strncmp(line, "HTTP/", 5)) { /* another one, behind a redirect */
		*h->tag = '\0';
		h->from = -1;
	} else if ((v = value_of(line, len, "ETag", &vlen))) {
		/* Only a strong one says that the bytes are the same (RFC 9110 §8.8.1). */
		if (vlen <= FETCH_TAG_MAX && *v == '"')
			snprintf(h->tag, sizeof(h->tag), "%.*s", (int)vlen, v);
	} else if ((v = value_of(line, len, "Content-Range", &vlen))) {
		h->from = range_begin(v, vlen);
	}
	return len;
}

static int refused(struct http_fetch *h, long code)
{
	log_notice(NULL, "%s: answered with %ld", h->f->shown, code);
	h->changed = code == 416 && h->f->have;
	return code >= 400 && code < 500 && code != 408 && code != 416 && code != 429
		       ? LGW_ENOENT
		       : LGW_EUNAVAIL;
}

/* Before the first byte: which answer is this? */
static int begin(struct http_fetch *h)
{
	long code = 0;

	h->begun = true;
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &code);
	if (code == 200)
		return fetch_begin(h->f, 0, h->tag);
	if (code != 206)
		return refused(h, code);
	/* The server says which part of what it is: it must be ours. */
	h->changed = h->from < 0 || (*h->tag && strcmp(h->tag, h->f->tag));
	if (h->changed)
		return LGW_EUNAVAIL;
	return fetch_begin(h->f, (uint64_t)h->from, h->f->tag);
}

static size_t on_data(char *p, size_t size, size_t n, void *ud)
{
	struct http_fetch *h = ud;

	if (!h->begun)
		h->status = begin(h);
	if (!h->status)
		h->status = fetch_data(h->f, p, size * n);
	return h->status ? 0 : size * n;
}

/* --- an attempt ---------------------------------------------------------------------------- */

static void stop(struct fetch *f)
{
	struct http_fetch *h = f->way;

	if (!h)
		return;
	f->way = NULL;
	curl_multi_remove_handle(f->env->http->multi, h->easy);
	curl_easy_cleanup(h->easy);
	curl_slist_free_all(h->headers);
	free(h);
}

/* The last byte again: a range beyond the end would be refused. */
static void resume(struct http_fetch *h)
{
	char text[FETCH_TAG_MAX + 40];

	if (!h->f->have)
		return;
	snprintf(text, sizeof(text), "%llu-", (unsigned long long)h->f->have - 1);
	curl_easy_setopt(h->easy, CURLOPT_RANGE, text);
	snprintf(text, sizeof(text), "If-Range: %s", h->f->tag);
	h->headers = curl_slist_append(h->headers, text);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, h->headers);
}

static void set_limits(struct http_fetch *h)
{
	const struct fetch_params *p = &h->f->p;
	long idle = (long)(p->idle_ms + 999) / 1000;

	curl_easy_setopt(h->easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(h->easy, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	curl_easy_setopt(h->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	/* Never out of TLS again. */
	curl_easy_setopt(h->easy, CURLOPT_REDIR_PROTOCOLS_STR,
		strcmp(h->f->ops->scheme, "https") ? "http,https" : "https");
	curl_easy_setopt(h->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)p->max);
	curl_easy_setopt(h->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(h->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(h->easy, CURLOPT_LOW_SPEED_TIME, idle);
	curl_easy_setopt(h->easy, CURLOPT_NOSIGNAL, 1L);
}

static void set_interface(struct http_fetch *h)
{
	char text[64];

	if (!h->f->interface)
		return;
	snprintf(text, sizeof(text), "if!%s", h->f->interface);
	curl_easy_setopt(h->easy, CURLOPT_INTERFACE, text);
}

static int start(struct fetch *f)
{
	struct http *http = http_of(f->env);
	struct http_fetch *h = xcalloc(1, sizeof(*h));

	h->f = f;
	h->from = -1;
	h->easy = curl_easy_init();
	f->way = h;
	if (!http->multi || !h->easy)
		return LGW_ENOMEM;
	curl_easy_setopt(h->easy, CURLOPT_URL, f->p.uri);
	curl_easy_setopt(h->easy, CURLOPT_PRIVATE, h);
	curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, h->error);
	curl_easy_setopt(h->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(h->easy, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(h->easy, CURLOPT_USERAGENT, "lwm2m-gateway");
	set_limits(h);
	set_interface(h);
	if (f->p.ca_file)
		curl_easy_setopt(h->easy, CURLOPT_CAINFO, f->p.ca_file);
	if (f->p.user) {
		curl_easy_setopt(h->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_ANY);
		curl_easy_setopt(h->easy, CURLOPT_USERNAME, f->p.user);
		curl_easy_setopt(h->easy, CURLOPT_PASSWORD, f->p.password ? f->p.password : "");
	}
	resume(h);
	if (curl_multi_add_handle(http->multi, h->easy))
		return LGW_ENOMEM;
	return LGW_OK;
}

const struct fetch_ops fetch_ops_http = { "http", start, stop };
const struct fetch_ops fetch_ops_https = { "https", start, stop };
