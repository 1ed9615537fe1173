/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/err.h"

#include <errno.h>
#include "util/mem.h"

static const char *const texts[] = {
	[0] = "success",
	[-LGW_EINVAL] = "malformed or out of range",
	[-LGW_EACCES] = "no right to do this",
	[-LGW_ENOENT] = "no such thing",
	[-LGW_EEXIST] = "exists already",
	[-LGW_EOP] = "operation not supported here",
	[-LGW_EFORMAT] = "content format not understood",
	[-LGW_EACCEPT] = "not available in the format asked for",
	[-LGW_ETOOBIG] = "too large",
	[-LGW_EINCOMPLETE] = "incomplete",
	[-LGW_ENOMEM] = "out of a bounded resource",
	[-LGW_EIO] = "system error",
	[-LGW_ETIMEDOUT] = "no answer in time",
	[-LGW_EREFUSED] = "refused",
	[-LGW_EUNAVAIL] = "not available now",
	[-LGW_ECANCELED] = "canceled",
	[-LGW_ERESET] = "reset by the peer",
	[-LGW_ECRITICAL] = "unknown critical option",
	[-LGW_EMETHOD] = "unknown method",
	[-LGW_ENOTSUP] = "not supported",
	[-LGW_EINTERNAL] = "internal error",
};

const char *err_text(int status)
{
	if (status == LGW_PENDING)
		return "pending";
	if (status > 0 || -(long)status >= (long)ARRAY_SIZE(texts) || !texts[-status])
		return "unknown error";
	return texts[-status];
}

int err_from_errno(int e)
{
	switch (e) {
	case 0:
		return LGW_OK;
	case EINVAL:
		return LGW_EINVAL;
	case EACCES:
	case EPERM:
		return LGW_EACCES;
	case ENOENT:
		return LGW_ENOENT;
	case EEXIST:
		return LGW_EEXIST;
	case EMSGSIZE:
	case EFBIG:
		return LGW_ETOOBIG;
	case ENOMEM:
	case ENOBUFS:
	case EMFILE:
	case ENFILE:
		return LGW_ENOMEM;
	case ETIMEDOUT:
		return LGW_ETIMEDOUT;
	case ECONNREFUSED:
		return LGW_EREFUSED;
	case ECONNRESET:
	case EPIPE:
		return LGW_ERESET;
	case EAGAIN:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
		return LGW_EUNAVAIL;
	case ECANCELED:
		return LGW_ECANCELED;
	case ENOTSUP:
	case EAFNOSUPPORT:
		return LGW_ENOTSUP;
	default:
		return LGW_EIO;
	}
}
