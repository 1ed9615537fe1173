/* SPDX-License-Identifier: BSD-3-Clause */
/* A link over one interface of the network. */
#include <errno.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "transport/link.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

bool link_bind(struct link *l, const char *interface)
{
	if (l->ops->below)
		link_bind(l->ops->below(l), interface);
	if (str_eq(l->interface, interface))
		return false;
	free(l->interface);
	l->interface = xstrdup(interface);
	return true;
}

/* Where only root may name an interface (before Linux 5.7): an address of it. */
static int bind_address(int fd, const char *interface, int family)
{
	struct ifaddrs *all, *i;
	int r = LGW_EUNAVAIL;

	if (getifaddrs(&all))
		return err_from_errno(errno);
	for (i = all; i && r; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == family &&
			!strcmp(i->ifa_name, interface) &&
			!bind(fd, i->ifa_addr,
				family == AF_INET ? sizeof(struct sockaddr_in)
						  : sizeof(struct sockaddr_in6)))
			r = LGW_OK;
	freeifaddrs(all);
	return r;
}

int link_bind_socket(const struct link *l, int fd, int family)
{
	const char *name = l->interface;

	if (!name)
		return LGW_OK;
	if (!*name)
		return LGW_EUNAVAIL;
	if (!setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)))
		return LGW_OK;
	if (errno == EPERM)
		return bind_address(fd, name, family);
	return errno == ENODEV ? LGW_EUNAVAIL : err_from_errno(errno);
}

void link_from(struct link *l, uint16_t port)
{
	l->from = port;
}

bool link_bind_port(const struct link *l, int fd, int family)
{
	struct addr a = { .len = family == AF_INET ? sizeof(a.u.in) : sizeof(a.u.in6) };

	a.u.sa.sa_family = (sa_family_t)family;
	a.u.in.sin_port = htons(l->from); /* in6 has it at the same place */
	return l->from && !bind(fd, &a.u.sa, a.len);
}

/* The socket under it, or -1. */
static int socket_of(const struct link *l)
{
	while (l->ops->below)
		l = l->ops->below(l);
	return l->ops->socket ? l->ops->socket(l) : -1;
}

uint16_t link_port(const struct link *l)
{
	struct addr a = { .len = sizeof(a.u) };
	int fd = socket_of(l);

	return fd < 0 || getsockname(fd, &a.u.sa, &a.len) ? 0 : ntohs(a.u.in.sin_port);
}

static bool same_host(const struct addr *a, const struct addr *b)
{
	if (a->u.sa.sa_family == AF_INET)
		return a->u.in.sin_addr.s_addr == b->u.in.sin_addr.s_addr;
	return !memcmp(&a->u.in6.sin6_addr, &b->u.in6.sin6_addr, sizeof(a->u.in6.sin6_addr));
}

/* Our address towards a peer, as the machine's routes are now. */
static int local_now(const struct link *l, const struct addr *peer, struct addr *local)
{
	int fd = socket(peer->u.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? LGW_EIO : link_bind_socket(l, fd, peer->u.sa.sa_family);

	local->len = sizeof(local->u);
	if (!r &&
		(connect(fd, &peer->u.sa, peer->len) || getsockname(fd, &local->u.sa, &local->len)))
		r = LGW_EUNAVAIL;
	if (fd >= 0)
		close(fd);
	return r;
}

bool link_moved(const struct link *l)
{
	struct addr peer = { .len = sizeof(peer.u) }, then = { .len = sizeof(then.u) }, now;
	int fd = socket_of(l);

	while (l->ops->below)
		l = l->ops->below(l);
	if (fd < 0 || getpeername(fd, &peer.u.sa, &peer.len) ||
		getsockname(fd, &then.u.sa, &then.len) || local_now(l, &peer, &now))
		return false;
	return !same_host(&then, &now);
}
