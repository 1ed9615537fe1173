/* SPDX-License-Identifier: BSD-3-Clause */
#include "machine/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

#define BUF_BYTES 32768

static int nl_open(unsigned groups)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* --- one dump ------------------------------------------------------------------------------ */

struct scan {
	struct net_state *out;
	unsigned index; /* of the interface that is told of; 0: not known yet */
};
typedef void (*dump_fn)(struct scan *s, const struct nlmsghdr *h);

/* A dump is answered out of the kernel before send returns: nothing is waited for. */
static int dump(int fd, uint16_t type, unsigned char family, struct scan *s, dump_fn fn)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} req = { { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg)),
			  .nlmsg_type = type,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		{ family } };
	uint8_t *buf = xmalloc(BUF_BYTES);
	int r = LGW_PENDING;

	if (send(fd, &req, req.h.nlmsg_len, 0) < 0)
		r = LGW_EIO;
	while (r == LGW_PENDING) {
		ssize_t n = recv(fd, buf, BUF_BYTES, 0);
		size_t left = n > 0 ? (size_t)n : 0;
		const struct nlmsghdr *h = (const void *)buf;

		if (n <= 0)
			r = LGW_EIO;
		for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == NLMSG_DONE)
				r = LGW_OK;
			else if (h->nlmsg_type == NLMSG_ERROR)
				r = LGW_EIO;
			else
				fn(s, h);
		}
	}
	free(buf);
	return r;
}

static const struct rtattr *attr(const void *first, size_t len, unsigned short type)
{
	for (const struct rtattr *a = first; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == type)
			return a;
	return NULL;
}

/* An address as text, if there is one of the family's size. */
static void add_text(char to[][46], size_t *n, int family, const struct rtattr *a)
{
	size_t want = family == AF_INET ? 4 : 16;

	if (!a || *n == NET_MAX || RTA_PAYLOAD(a) < want)
		return;
	if (inet_ntop(family, RTA_DATA(a), to[*n], 46))
		++*n;
}

/* --- links, routes, addresses --------------------------------------------------------------- */

static bool is_wireless(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/phy80211", name);
	return !access(path, F_OK);
}

static void on_link(struct scan *s, const struct nlmsghdr *h)
{
	const struct ifinfomsg *i = NLMSG_DATA(h);
	char name[IF_NAMESIZE];

	if (h->nlmsg_type != RTM_NEWLINK || !(i->ifi_flags & IFF_UP) ||
		i->ifi_flags & IFF_LOOPBACK || !if_indextoname((unsigned)i->ifi_index, name))
		return;
	if (is_wireless(name))
		s->out->has_wlan = true;
	else
		s->out->has_ethernet = true;
}

static void on_route(struct scan *s, const struct nlmsghdr *h)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	size_t len = RTM_PAYLOAD(h);
	const struct rtattr *oif = attr(RTM_RTA(m), len, RTA_OIF);
	unsigned index;

	if (h->nlmsg_type != RTM_NEWROUTE || m->rtm_dst_len || m->rtm_table != RT_TABLE_MAIN ||
		!oif)
		return;
	memcpy(&index, RTA_DATA(oif), sizeof(index));
	if (!s->index)
		s->index = index;
	if (index == s->index)
		add_text(s->out->routers, &s->out->nrouters, m->rtm_family,
			attr(RTM_RTA(m), len, RTA_GATEWAY));
}

static void on_addr(struct scan *s, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	size_t len = IFA_PAYLOAD(h);
	const struct rtattr *a = attr(IFA_RTA(m), len, IFA_LOCAL);

	if (h->nlmsg_type != RTM_NEWADDR || m->ifa_index != s->index)
		return;
	/* Link-local ones say nothing about how the gateway is reached. */
	if (m->ifa_scope == RT_SCOPE_LINK || m->ifa_scope == RT_SCOPE_HOST)
		return;
	add_text(s->out->addresses, &s->out->naddresses, m->ifa_family,
		a ? a : attr(IFA_RTA(m), len, IFA_ADDRESS));
}

/* Level in dBm of the line of this interface; 0: none. */
static int signal_of(const char *name)
{
	FILE *f = fopen("/proc/net/wireless", "re");
	char line[256];
	int dbm = 0;

	while (f && fgets(line, sizeof(line), f)) {
		const char *s = line + strspn(line, " ");
		double link, level;

		if (!strncmp(s, name, strlen(name)) && s[strlen(name)] == ':' &&
			sscanf(s + strlen(name) + 1, "%*s %lf %lf", &link, &level) == 2)
			dbm = (int)level;
	}
	if (f)
		fclose(f);
	return dbm;
}

int net_state_read(const char *interface, struct net_state *out)
{
	struct scan s = { .out = out };
	char name[IF_NAMESIZE];
	int fd = nl_open(0), r = LGW_EIO;

	*out = (struct net_state){ 0 };
	if (interface)
		s.index = if_nametoindex(interface);
	if (fd >= 0 && (!interface || s.index)) {
		r = dump(fd, RTM_GETLINK, AF_UNSPEC, &s, on_link);
		r = r ? r : dump(fd, RTM_GETROUTE, AF_INET, &s, on_route);
		r = r ? r : dump(fd, RTM_GETROUTE, AF_INET6, &s, on_route);
		r = r || !s.index ? r : dump(fd, RTM_GETADDR, AF_UNSPEC, &s, on_addr);
	} else if (fd >= 0) {
		r = LGW_OK; /* an interface that is not plugged in: nothing to tell */
	}
	if (fd >= 0)
		close(fd);
	if (!r && s.index && if_indextoname(s.index, name)) {
		str_copy(out->interface, sizeof(out->interface), name);
		out->wireless = is_wireless(name);
		out->signal_dbm = out->wireless ? signal_of(name) : 0;
	}
	return r;
}

/* --- changes ------------------------------------------------------------------------------- */

struct net_watch {
	int fd;
	struct loop_io *io;
	void (*changed)(void *ud);
	void *ud;
};

static void on_change(void *ud, int fd, unsigned events)
{
	struct net_watch *w = ud;
	uint8_t buf[8192];

	(void)events;
	/* What changed is read anew as a whole; ENOBUFS says that something did, too. */
	while (recv(fd, buf, sizeof(buf), 0) > 0 || errno == ENOBUFS)
		errno = 0;
	w->changed(w->ud);
}

struct net_watch *net_watch_new(struct loop *l, void (*changed)(void *ud), void *ud)
{
	int fd = nl_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
			 RTMGRP_IPV6_ROUTE);
	struct net_watch *w;

	if (fd < 0)
		return NULL;
	w = xcalloc(1, sizeof(*w));
	*w = (struct net_watch){ .fd = fd, .changed = changed, .ud = ud };
	w->io = loop_io_new(l, fd, LOOP_READ, on_change, w);
	return w;
}

void net_watch_free(struct net_watch *w)
{
	if (!w)
		return;
	loop_io_free(w->io);
	close(w->fd);
	free(w);
}
