/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TCP connection as a link (RFC 8323): pieces of the stream come and go as they are, messages are
 * made of them above. A peer that is silently gone is found by keepalive probes while nothing is
 * under way, and by unacknowledged data otherwise.
 */
#include "transport/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "transport/dial.h"
#include "transport/linger.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/wr.h"

LOG_MODULE("transport");

#define TCP_PORT          5683
#define TCP_MTU           (1 << 20)    /* what a session may send at once; it has its own limits */
#define PENDING_MAX       (256 * 1024) /* written by us, not taken by the kernel */
#define CONNECT_MS        15000        /* per address */
#define GONE_MS           60000        /* unacknowledged data, until the peer counts as gone */
#define KEEPALIVE_PAUSE_S 20
#define KEEPALIVE_PROBES  3

struct tcp {
	struct link link;
	struct dial dial;
	int fd;
	struct loop_io *io;
	struct wr out;      /* what the kernel did not take yet */
	struct timer timer; /* of a connection attempt, and of news that do not come from within */
	uint8_t tries;      /* addresses that are left for this attempt */
	bool up;
	int later; /* an error to be told */
	char peer[ADDR_TEXT_MAX + 8];
};

static struct tcp *tcp_of(struct link *l)
{
	return container_of(l, struct tcp, link);
}

static struct timers *timers_of(const struct tcp *t)
{
	return loop_timers(t->link.env->loop);
}

static void drop_socket(struct tcp *t)
{
	timer_del(timers_of(t), &t->timer);
	loop_io_free(t->io);
	t->io = NULL;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->up = false;
	t->later = 0;
	wr_fini(&t->out);
}

static void hang_up(struct tcp *t)
{
	dial_cancel(&t->dial);
	drop_socket(t);
}

static void down(struct tcp *t, int err)
{
	hang_up(t);
	t->link.h->event(t->link.ud, LINK_DOWN, err);
}

/* Told by the loop: the caller is in the middle of its own work. */
static void down_later(struct tcp *t, int err)
{
	t->later = err;
	timer_set(timers_of(t), &t->timer, timers_now(timers_of(t)));
}

static void set_option(int fd, int level, int name, int v)
{
	/* None of them is vital. */
	if (setsockopt(fd, level, name, &v, sizeof(v)))
		log_debug(NULL, "socket option %d: %m", name);
}

static void tune(int fd, uint32_t keepalive_s)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, GONE_MS);
	if (!keepalive_s)
		return;
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, (int)keepalive_s);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_PAUSE_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
}

/* False: the connection is lost, and the link may be gone. */
static bool flush(struct tcp *t)
{
	ssize_t n = send(t->fd, t->out.p, t->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		down(t, err_from_errno(errno));
		return false;
	}
	if (n > 0) {
		memmove(t->out.p, t->out.p + n, t->out.len - (size_t)n);
		t->out.len -= (size_t)n;
	}
	if (!t->out.len) {
		wr_fini(&t->out);
		loop_io_set(t->io, LOOP_READ);
	}
	return true;
}

static void receive(struct tcp *t)
{
	struct link_env *env = t->link.env;
	uint8_t buf[16384];
	ssize_t n = recv(t->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		down(t, n ? err_from_errno(errno) : LGW_ERESET);
		return;
	}
	env->count.rx++;
	env->count.rx_bytes += (uint64_t)n;
	t->link.h->recv(t->link.ud, buf, (size_t)n);
}

static void try_next(struct tcp *t);

static void connected(struct tcp *t)
{
	int e = 0;
	socklen_t len = sizeof(e);

	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &e, &len) || e) {
		log_debug((&(struct log_ctx){ .peer = t->peer }), "connect: %s",
			err_text(err_from_errno(e)));
		t->link.env->count.icmp++;
		try_next(t);
		return;
	}
	timer_del(timers_of(t), &t->timer);
	loop_io_set(t->io, LOOP_READ);
	t->up = true;
	t->link.h->event(t->link.ud, LINK_UP, 0);
}

static void ready(void *ud, int fd, unsigned events)
{
	struct tcp *t = ud;

	(void)fd;
	if (!t->up) {
		connected(t);
		return;
	}
	/* First, or a peer that never stops talking would never get it. */
	if (events & LOOP_WRITE && t->out.len && !flush(t))
		return;
	if (events & LOOP_READ)
		receive(t);
}

static int connect_to(struct tcp *t, const struct addr *a)
{
	int r;

	t->fd = socket(a->u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0)
		return err_from_errno(errno);
	tune(t->fd, t->link.env->tcp_keepalive_s);
	addr_text(t->peer, a);
	r = link_bind_socket(&t->link, t->fd, a->u.sa.sa_family);
	if (r)
		return r;
	if (connect(t->fd, &a->u.sa, a->len) && errno != EINPROGRESS)
		return err_from_errno(errno);
	t->io = loop_io_new(t->link.env->loop, t->fd, LOOP_WRITE, ready, t);
	timer_set(timers_of(t), &t->timer, timers_now(timers_of(t)) + CONNECT_MS);
	return t->io ? LGW_OK : LGW_ENOMEM;
}

/* The next address of the name, until all were tried once. */
static void try_next(struct tcp *t)
{
	int r = LGW_EUNAVAIL;

	drop_socket(t);
	while (r && t->tries) {
		t->tries--;
		r = connect_to(t, dial_next(&t->dial));
		if (r)
			drop_socket(t);
	}
	if (r)
		down(t, LGW_EUNAVAIL);
}

static void on_timer(struct timer *timer, void *ud)
{
	struct tcp *t = ud;

	(void)timer;
	if (t->later)
		down(t, t->later);
	else if (!t->up)
		try_next(t);
}

static void resolved(void *ud, const struct addr *a, size_t n, const char *error)
{
	struct tcp *t = ud;
	int err = dial_resolved(&t->dial, a, n, error);

	t->tries = t->dial.naddrs;
	if (err)
		down(t, err);
	else
		try_next(t);
}

static int tcp_open(struct link *l)
{
	struct tcp *t = tcp_of(l);

	if (t->fd >= 0 || dial_pending(&t->dial) || timer_armed(&t->timer))
		return LGW_OK;
	if (dial_start(&t->dial, l->env->workers, resolved,
		    t)) { /* begins in the loop: no event from within */
		t->tries = t->dial.naddrs;
		timer_set(timers_of(t), &t->timer, timers_now(timers_of(t)));
	}
	return LGW_OK;
}

static int tcp_send(struct link *l, const void *p, size_t len)
{
	struct tcp *t = tcp_of(l);
	ssize_t n = 0;

	if (!t->up || t->later)
		return LGW_EUNAVAIL;
	l->env->count.tx++;
	l->env->count.tx_bytes += len;
	if (!t->out.len)
		n = send(t->fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		down_later(t, err_from_errno(errno));
		return LGW_OK;
	}
	n = n < 0 ? 0 : n;
	if ((size_t)n == len)
		return LGW_OK;
	if (!t->out.len)
		t->out = wr_grow(PENDING_MAX);
	wr_bytes(&t->out, (const uint8_t *)p + n, len - (size_t)n);
	if (wr_err(&t->out)) { /* a peer that does not read: half a message cannot be left out */
		down_later(t, LGW_ETIMEDOUT);
		return LGW_EUNAVAIL;
	}
	loop_io_set(t->io, LOOP_READ | LOOP_WRITE);
	return LGW_OK;
}

static void tcp_close(struct link *l)
{
	struct tcp *t = tcp_of(l);

	if (t->up && !t->later && t->out.len) { /* the last words: a Release, an answer */
		loop_io_free(t->io);
		t->io = NULL;
		linger(l->env, t->fd, &t->out);
		t->fd = -1;
	}
	hang_up(t);
}

static void tcp_free(struct link *l)
{
	struct tcp *t = tcp_of(l);

	tcp_close(l);
	dial_fini(&t->dial, l->env);
	free(t);
}

static int tcp_socket(const struct link *l)
{
	return container_of((struct link *)(uintptr_t)l, struct tcp, link)->fd;
}

static const char *tcp_peer(const struct link *l)
{
	return container_of((struct link *)(uintptr_t)l, struct tcp, link)->peer;
}

static struct link *tcp_make(struct link_env *env, const struct uri *uri, const struct cred *cred,
	const struct link_handler *h, void *ud)
{
	struct tcp *t;

	if (cred)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	t->link = (struct link){ .ops = &link_ops_tcp, .env = env, .h = h, .ud = ud };
	t->fd = -1;
	dial_init(&t->dial, env, uri, TCP_PORT);
	timer_init(&t->timer, on_timer, t);
	return &t->link;
}

const struct link_ops link_ops_tcp = {
	.scheme = "coap+tcp",
	.port = TCP_PORT,
	.reliable = true,
	.mtu = TCP_MTU,
	.make = tcp_make,
	.open = tcp_open,
	.send = tcp_send,
	.close = tcp_close,
	.free = tcp_free,
	.peer = tcp_peer,
	.socket = tcp_socket,
};
