/* SPDX-License-Identifier: BSD-3-Clause */
/* One row per format, for the registry. */
#ifndef CODEC_FORMATS_H
#define CODEC_FORMATS_H

#include "codec/codec.h"

extern const struct codec_ops codec_ops_text;
extern const struct codec_ops codec_ops_opaque;
extern const struct codec_ops codec_ops_tlv;
extern const struct codec_ops codec_ops_json;
extern const struct codec_ops codec_ops_cbor;
extern const struct codec_ops codec_ops_senml_json;
extern const struct codec_ops codec_ops_senml_cbor;

#endif
