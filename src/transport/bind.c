/* SPDX-License-Identifier: BSD-3-Clause */
/* A link over one interface of the network. */
#include <errno.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
