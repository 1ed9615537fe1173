noinst_LIBRARIES += src/util/libutil.a
src_util_libutil_a_SOURCES = \
	src/util/err.c src/util/err.h \
	src/util/hex.c src/util/hex.h \
	src/util/log.c src/util/log.h \
	src/util/map.c src/util/map.h \
	src/util/mem.c src/util/mem.h \
	src/util/num.c src/util/num.h \
	src/util/pool.c src/util/pool.h \
	src/util/rd.c src/util/rd.h \
	src/util/str.c src/util/str.h \
	src/util/texts.c src/util/texts.h \
	src/util/wr.c src/util/wr.h
