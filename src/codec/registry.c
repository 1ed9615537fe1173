/* SPDX-License-Identifier: BSD-3-Clause */
/* The formats built in: to add one, write a file and add a row here. */
#include "codec/codec.h"
#include "util/err.h"
#include "codec/formats.h"
#include "util/mem.h"

static const struct codec_ops *const registry[] = {
	&codec_ops_text,
	&codec_ops_opaque,
	&codec_ops_cbor,
	&codec_ops_senml_json,
	&codec_ops_senml_cbor,
	&codec_ops_tlv,
	&codec_ops_json,
};

const struct codec_ops *codec_find(int format)
{
	if (format == CF_NONE)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(registry); i++) {
		const struct codec_ops *ops = registry[i];

		if (ops->formats[0] == format || ops->formats[1] == format)
			return ops;
	}
	return NULL;
}

void codec_list(struct wr *w)
{
	for (size_t i = 0; i < ARRAY_SIZE(registry); i++)
		wr_printf(w, i ? " %d" : "%d", registry[i]->formats[0]);
}

int codec_can(const struct codec_ops *ops, int format, const struct path *base)
{
	return ops->paths && format == ops->formats[1] ? LGW_EACCEPT : ops->can(base);
}

int codec_begin(struct encoder *e, const struct codec_ops *ops, int format, const struct path *base,
	struct wr *w)
{
	int r = codec_can(ops, format, base);

	if (r)
		return r;
	*e = (struct encoder){ .ops = ops, .w = w, .base = *base, .format = format };
	return ops->begin ? ops->begin(e) : LGW_OK;
}

int codec_add(struct encoder *e, const struct record *r)
{
	int status = e->ops->add(e, r);

	return status ? status : wr_err(e->w);
}

int codec_end(struct encoder *e)
{
	int status = e->ops->end ? e->ops->end(e) : LGW_OK;

	return status ? status : wr_err(e->w);
}
