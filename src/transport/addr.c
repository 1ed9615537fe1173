/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "util/err.h"

const char *addr_text(char *buf, const struct addr *a)
{
	char ip[INET6_ADDRSTRLEN] = "?";

	switch (a->u.sa.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &a->u.in.sin_addr, ip, sizeof(ip));
		snprintf(buf, ADDR_TEXT_MAX, "%s:%u", ip, ntohs(a->u.in.sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &a->u.in6.sin6_addr, ip, sizeof(ip));
		snprintf(buf, ADDR_TEXT_MAX, "[%s]:%u", ip, ntohs(a->u.in6.sin6_port));
		break;
	default:
		snprintf(buf, ADDR_TEXT_MAX, "?");
	}
	return buf;
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	if (a->u.sa.sa_family != b->u.sa.sa_family)
		return false;
	if (a->u.sa.sa_family == AF_INET)
		return a->u.in.sin_port == b->u.in.sin_port &&
		       a->u.in.sin_addr.s_addr == b->u.in.sin_addr.s_addr;
	if (a->u.sa.sa_family == AF_INET6)
		return a->u.in6.sin6_port == b->u.in6.sin6_port &&
		       a->u.in6.sin6_scope_id == b->u.in6.sin6_scope_id &&
		       !memcmp(&a->u.in6.sin6_addr, &b->u.in6.sin6_addr, sizeof(struct in6_addr));
	return false;
}
