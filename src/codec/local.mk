noinst_LIBRARIES += src/codec/libcodec.a
src_codec_libcodec_a_SOURCES = \
	src/codec/codec.h \
	src/codec/formats.h \
	src/codec/link.c src/codec/link.h \
	src/codec/opaque.c \
	src/codec/registry.c \
	src/codec/text.c \
	src/codec/tlv.c
