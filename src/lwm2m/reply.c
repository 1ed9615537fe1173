/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/reply.h"
#include <string.h>
#include "util/err.h"

uint8_t reply_code(int status)
{
	switch ((enum lgw_status)status) {
	case LGW_EINVAL:
	case LGW_EEXIST:
		return COAP_400;
	case LGW_EACCES:
		return COAP_401;
	case LGW_ECRITICAL:
		return COAP_402;
	case LGW_ENOENT:
		return COAP_404;
	case LGW_EOP:
	case LGW_EMETHOD:
		return COAP_405;
	case LGW_EACCEPT:
		return COAP_406;
	case LGW_EINCOMPLETE:
		return COAP_408;
	case LGW_ETOOBIG:
		return COAP_413;
	case LGW_EFORMAT:
		return COAP_415;
	case LGW_EUNAVAIL:
	case LGW_ECANCELED:
	case LGW_ENOMEM:
		return COAP_503;
	case LGW_ETIMEDOUT:
		return COAP_504;
	case LGW_ENOTSUP:
		return COAP_501;
	case LGW_EREFUSED:
	case LGW_EIO:
	case LGW_ERESET:
	case LGW_EINTERNAL:
	case LGW_OK:
	case LGW_PENDING:
		break;
	}
	return COAP_500;
}

void reply_status(struct exchange *x, int status, uint8_t ok)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_ACK, status == LGW_OK ? ok : reply_code(status));
	exchange_reply(x, &m);
}

void reply_error(struct exchange *x, int status, const char *text)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_ACK, reply_code(status));
	m.payload = (const uint8_t *)text;
	m.payload_len = strlen(text);
	exchange_reply(x, &m);
}
