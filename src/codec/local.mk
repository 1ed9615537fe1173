noinst_LIBRARIES += src/codec/libcodec.a
src_codec_libcodec_a_SOURCES = \
	src/codec/cbor.c \
	src/codec/cborr.c src/codec/cborr.h \
	src/codec/cborw.c src/codec/cborw.h \
	src/codec/codec.h \
	src/codec/formats.h \
	src/codec/json.c \
	src/codec/jsonr.c src/codec/jsonr.h \
	src/codec/jsonw.c src/codec/jsonw.h \
	src/codec/link.c src/codec/link.h \
	src/codec/linkr.c \
	src/codec/opaque.c \
	src/codec/registry.c \
	src/codec/senml.c src/codec/senml.h \
	src/codec/senml_cbor.c \
	src/codec/senml_json.c \
	src/codec/text.c \
	src/codec/tlv.c
src_codec_libcodec_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CBOR_CFLAGS)
