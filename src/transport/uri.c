/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Server URIs: scheme "://" host [":" port], as LwM2M allows them (RFC 3986 §3, RFC 7252 §6); and
 * subscribers: "sms:+33…", "sms://+33…", "tel:+33…" (RFC 5724, RFC 3966).
 */
#include <string.h>
#include <strings.h>
#include "transport/addr.h"
#include "util/err.h"
#include "util/num.h"

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int take_scheme(struct uri *u, const char *s, size_t len)
{
	if (!len || len >= sizeof(u->scheme))
		return LGW_EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (!is_alnum(s[i]) && s[i] != '+')
			return LGW_EINVAL;
		u->scheme[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
	}
	u->scheme[len] = '\0';
	return LGW_OK;
}

static int take_host(struct uri *u, const char *s, size_t len, const char *also)
{
	if (!len || len >= sizeof(u->host))
		return LGW_EINVAL;
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s[i]) && (!s[i] || !strchr(also, s[i])))
			return LGW_EINVAL;
	memcpy(u->host, s, len);
	u->host[len] = '\0';
	return LGW_OK;
}

/* The zone of an address comes after "%25" (RFC 6874), or after "%" as all tools write it. */
static int take_literal(struct uri *u, const char *s, size_t len)
{
	int r = take_host(u, s, len, ".-:%_~");
	char *zone = r ? NULL : strstr(u->host, "%25");

	if (zone && zone[3])
		memmove(zone + 1, zone + 3, strlen(zone + 3) + 1);
	return r;
}

static int take_port(struct uri *u, const char *s, size_t len)
{
	u->port = 0;
	if (!len)
		return LGW_OK;
	if (s[0] != ':' || num_parse_u16(s + 1, len - 1, &u->port) || !u->port)
		return LGW_EINVAL;
	return LGW_OK;
}

int uri_number(char *out, size_t cap, const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (i && memchr("-.() ", s[i], 5)) /* for the eye (RFC 3966 §3) */
			continue;
		if (n + 1 >= cap || !((s[i] >= '0' && s[i] <= '9') || (s[i] == '+' && !n)))
			return LGW_EINVAL;
		out[n++] = s[i];
	}
	out[n] = '\0';
	return n > 1 || (n && *out != '+') ? LGW_OK : LGW_EINVAL;
}

/* LGW_ENOENT: not a subscriber's. */
static int take_subscriber(struct uri *u, const char *s, size_t len)
{
	size_t at = 4;

	if (len < at || (strncasecmp(s, "sms:", at) && strncasecmp(s, "tel:", at)))
		return LGW_ENOENT;
	if (len >= at + 2 && !memcmp(s + at, "//", 2))
		at += 2;
	if (len > at && s[len - 1] == '/')
		len--;
	*u = (struct uri){ .scheme = "sms" };
	return uri_number(u->host, sizeof(u->host), s + at, len - at);
}

int uri_parse(struct uri *u, const char *s, size_t len)
{
	const char *sep = memmem(s, len, "://", 3), *host, *stop;
	size_t left;
	int r;

	r = take_subscriber(u, s, len);
	if (r != LGW_ENOENT)
		return r;
	if (!sep)
		return LGW_EINVAL;
	r = take_scheme(u, s, (size_t)(sep - s));
	host = sep + 3;
	left = len - (size_t)(host - s);
	if (left && host[left - 1] == '/')
		left--;
	if (r || !left)
		return LGW_EINVAL;
	if (*host == '[') {
		stop = memchr(host, ']', left);
		if (!stop || take_literal(u, host + 1, (size_t)(stop - host - 1)))
			return LGW_EINVAL;
		stop++;
	} else {
		stop = memchr(host, ':', left);
		stop = stop ? stop : host + left;
		if (take_host(u, host, (size_t)(stop - host), ".-_+"))
			return LGW_EINVAL;
	}
	return take_port(u, stop, left - (size_t)(stop - host));
}
