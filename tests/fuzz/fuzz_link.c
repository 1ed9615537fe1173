/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts in link format: what is understood, written again, is understood the same. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include "codec/link.h"
#include "util/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int write_one(void *ud, const struct weblink *l)
{
	struct link_writer *lw = ud;

	if (!l->is_path)
		return LGW_OK;
	link_add(lw, &l->path);
	if (l->dim >= 0)
		link_param_int(lw, "dim", l->dim);
	if (l->ssid)
		link_param_int(lw, "ssid", l->ssid);
	if (l->uri.p)
		link_param_text(lw, "uri", l->uri.p, l->uri.len);
	if (l->rt.p)
		link_param_text(lw, "rt", l->rt.p, l->rt.len);
	link_attrs(lw, &l->attrs);
	return LGW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wr one = wr_grow(1 << 20), two = wr_grow(1 << 20);
	struct link_writer a = { &one, 0 }, b = { &two, 0 };

	if (!link_parse(data, size, write_one, &a) && !wr_err(&one)) {
		assert(!link_parse(one.p, one.len, write_one, &b));
		assert(one.len == two.len && (!one.len || !memcmp(one.p, two.p, one.len)));
	}
	wr_fini(&one);
	wr_fini(&two);
	return 0;
}
