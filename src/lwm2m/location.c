/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/location.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/str.h"
#include "util/wr.h"

#define LOCATION_MAX 512

static void collect(struct wr *w, const struct coap_msg *resp, uint16_t num)
{
	const struct coap_opt *o;
	unsigned it = 0;

	while ((o = coap_opt_next(resp, num, &it))) {
		wr_u8(w, (uint8_t)num);
		wr_u8(w, (uint8_t)o->len);
		wr_bytes(w, o->val, o->len);
	}
}

int location_take(const struct coap_msg *resp, uint8_t **out, uint16_t *len)
{
	uint8_t buf[LOCATION_MAX];
	struct wr w = wr_of(buf, sizeof(buf));

	collect(&w, resp, COAP_OPT_LOCATION_PATH);
	if (w.len == 0)
		return LGW_EINVAL;
	collect(&w, resp, COAP_OPT_LOCATION_QUERY);
	if (wr_err(&w))
		return wr_err(&w);
	*out = xmemdup(buf, w.len);
	*len = (uint16_t)w.len;
	return LGW_OK;
}

int location_put(struct coap_msg *req, const uint8_t *p, size_t len)
{
	struct rd r = rd_of(p, len);

	while (rd_left(&r)) {
		uint8_t num = rd_u8(&r), n = rd_u8(&r);
		const uint8_t *val = rd_bytes(&r, n);
		int status;

		status = coap_add(req,
			num == COAP_OPT_LOCATION_PATH ? COAP_OPT_URI_PATH : COAP_OPT_URI_QUERY, val,
			n);
		if (status)
			return status;
	}
	return rd_err(&r);
}

const char *location_text(const uint8_t *p, size_t len, char *buf, size_t cap)
{
	char raw[LOCATION_MAX * 2];
	struct wr w = wr_of(raw, sizeof(raw));
	struct rd r = rd_of(p, len);
	bool query = false;

	while (rd_left(&r)) {
		uint8_t num = rd_u8(&r), n = rd_u8(&r);

		wr_u8(&w, num == COAP_OPT_LOCATION_PATH ? '/' : query ? '&' : '?');
		query = num != COAP_OPT_LOCATION_PATH;
		wr_bytes(&w, rd_bytes(&r, n), n);
	}
	return str_printable(buf, cap, raw, w.len);
}
