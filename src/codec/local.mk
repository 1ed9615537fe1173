noinst_LIBRARIES += src/codec/libcodec.a
src_codec_libcodec_a_SOURCES = src/codec/codec.h src/codec/link.h 
