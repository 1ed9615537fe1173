/* SPDX-License-Identifier: BSD-3-Clause */
/* Content-Format numbers (IANA CoRE parameters). */
#ifndef TYPES_FORMAT_H
#define TYPES_FORMAT_H

enum content_format {
	CF_NONE = -1,
	CF_TEXT = 0,
	CF_LINK = 40,
	CF_OPAQUE = 42,
	CF_CBOR = 60,
	CF_SENML_JSON = 110,
	CF_SENML_CBOR = 112,
	CF_SENML_ETCH_JSON = 320,
	CF_SENML_ETCH_CBOR = 322,
	CF_TLV_OLD = 1542,
	CF_JSON_OLD = 1543,
	CF_TLV = 11542,
	CF_JSON = 11543
};

#endif
