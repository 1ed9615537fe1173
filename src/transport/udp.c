/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One connected socket per link: the kernel drops datagrams of every other address, and errors of
 * the network (ICMP) reach the link they belong to.
 */
#include "transport/udp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "transport/dial.h"
#include "util/err.h"
#include "util/mem.h"

#define UDP_PORT 5683
/* What fits into a datagram; larger than one packet is fragmented by IP. */
#define UDP_MTU 9216

struct udp {
	struct link link;
	int fd;
	int later_err; /* an errno of the socket, or without one, why there is none */
	struct loop_io *io;
	struct dial dial;
	struct timer later; /* events never come from within open */
	const char *peer;   /* of link_env.texts; NULL: not known yet */
};

static struct udp *udp_of(struct link *l)
{
	return container_of(l, struct udp, link);
}

static void hang_up(struct udp *u)
{
	timer_del(loop_timers(u->link.env->loop), &u->later);
	dial_cancel(&u->dial);
	loop_io_free(u->io);
	u->io = NULL;
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

static void down(struct udp *u, int err)
{
	hang_up(u);
	u->link.h->event(u->link.ud, LINK_DOWN, err);
}

/* An error that the network told on our socket: the peer may be gone or coming back. */
static bool is_icmp(int e)
{
	return e == ECONNREFUSED || e == EHOSTUNREACH || e == ENETUNREACH || e == EHOSTDOWN ||
	       e == ENETDOWN || e == ENOPROTOOPT || e == EPROTO;
}

/* A peer that is restarting refuses for a while: the socket, and with it our address, stays. */
static void trouble(struct udp *u, int e)
{
	if (!is_icmp(e)) {
		down(u, err_from_errno(e));
		return;
	}
	u->link.env->count.icmp++;
	u->link.h->event(u->link.ud, LINK_ERROR, err_from_errno(e));
}

static void readable(void *ud, int fd, unsigned events)
{
	struct udp *u = ud;
	struct link_env *env = u->link.env;
	uint8_t buf[UDP_MTU + 1];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	(void)events;
	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return;
		trouble(u, errno);
		return;
	}
	env->count.rx++;
	env->count.rx_bytes += (uint64_t)n;
	if ((size_t)n <= UDP_MTU)
		u->link.h->recv(u->link.ud, buf, (size_t)n);
}

static int connect_to(struct udp *u, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];
	int fd = socket(a->u.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool bound;
	int r;

	if (fd < 0)
		return err_from_errno(errno);
	r = link_bind_socket(&u->link, fd, a->u.sa.sa_family);
	bound = !r && link_bind_port(&u->link, fd, a->u.sa.sa_family);
	if (!r && connect(fd, &a->u.sa, a->len))
		r = err_from_errno(errno);
	while (!r && bound && recv(fd, text, sizeof(text), MSG_DONTWAIT) >= 0)
		u->link.env->count.foreign++; /* came in between: of anybody */
	if (r) {
		close(fd);
		return r;
	}
	u->link.from = 0;
	u->fd = fd;
	u->io = loop_io_new(u->link.env->loop, fd, LOOP_READ, readable, u);
	if (!u->io) {
		hang_up(u);
		return LGW_ENOMEM;
	}
	texts_put(&u->link.env->texts, u->peer);
	u->peer = texts_get(&u->link.env->texts, addr_text(text, a));
	return LGW_OK;
}

/* The next address of the name, so that each attempt tries another one. */
static int connect_next(struct udp *u)
{
	int r = LGW_EUNAVAIL;

	for (unsigned tries = u->dial.naddrs; r && tries; tries--)
		r = connect_to(u, dial_next(&u->dial));
	if (!r)
		dial_done(&u->dial);
	return r;
}

static void report(struct timer *t, void *ud)
{
	struct udp *u = ud;

	(void)t;
	if (u->fd < 0)
		down(u, u->later_err);
	else if (u->later_err)
		trouble(u, u->later_err);
	else
		u->link.h->event(u->link.ud, LINK_UP, 0);
}

static void report_later(struct udp *u, int err)
{
	struct timers *ts = loop_timers(u->link.env->loop);

	u->later_err = err;
	timer_set(ts, &u->later, timers_now(ts));
}

static void resolved(void *ud, const struct addr *a, size_t n, const char *error)
{
	struct udp *u = ud;
	int err = dial_resolved(&u->dial, a, n, error);

	err = err ? err : connect_next(u);
	if (err)
		down(u, err);
	else
		u->link.h->event(u->link.ud, LINK_UP, 0);
}

static int udp_open(struct link *l)
{
	struct udp *u = udp_of(l);

	if (u->fd >= 0 || dial_pending(&u->dial) || timer_armed(&u->later))
		return LGW_OK;
	if (dial_start(&u->dial, l->env->workers, resolved, u))
		report_later(u, connect_next(u));
	return LGW_OK;
}

static int udp_send(struct link *l, const void *p, size_t len)
{
	struct udp *u = udp_of(l);

	if (u->fd < 0)
		return LGW_EUNAVAIL;
	if (len > UDP_MTU)
		return LGW_ETOOBIG;
	l->env->count.tx++;
	l->env->count.tx_bytes += len;
	if (send(u->fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return LGW_OK;
	switch (errno) {
	case EMSGSIZE:
		return LGW_ETOOBIG;
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
	case EINTR:
		return LGW_OK; /* lost like any datagram: what matters is retransmitted */
	default:
		break;
	}
	/* Told by the loop: the caller is in the middle of its own work. */
	if (!timer_armed(&u->later))
		report_later(u, errno);
	return LGW_OK;
}

static void udp_close(struct link *l)
{
	hang_up(udp_of(l));
}

static void udp_free(struct link *l)
{
	struct udp *u = udp_of(l);

	hang_up(u);
	dial_fini(&u->dial, l->env);
	texts_put(&l->env->texts, u->peer);
	free(u);
}

static const char *udp_peer(const struct link *l)
{
	const struct udp *u = container_of((struct link *)(uintptr_t)l, struct udp, link);

	return u->peer ? u->peer : "";
}

static int udp_socket(const struct link *l)
{
	return container_of((struct link *)(uintptr_t)l, struct udp, link)->fd;
}

static struct link *udp_make(struct link_env *env, const struct uri *uri, const struct cred *cred,
	const struct link_handler *h, void *ud)
{
	struct udp *u;

	if (cred)
		return NULL; /* never in the clear by mistake */
	u = xcalloc(1, sizeof(*u));
	u->link = (struct link){ .ops = &link_ops_udp, .env = env, .h = h, .ud = ud };
	u->fd = -1;
	dial_init(&u->dial, env, uri, UDP_PORT);
	timer_init(&u->later, report, u);
	return &u->link;
}

const struct link_ops link_ops_udp = {
	.scheme = "coap",
	.port = UDP_PORT,
	.reliable = false,
	.mtu = UDP_MTU,
	.make = udp_make,
	.open = udp_open,
	.send = udp_send,
	.close = udp_close,
	.free = udp_free,
	.peer = udp_peer,
	.socket = udp_socket,
};
