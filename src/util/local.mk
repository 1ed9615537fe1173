noinst_LIBRARIES += src/util/libutil.a
src_util_libutil_a_SOURCES = src/util/err.h src/util/hex.h src/util/log.h src/util/map.h src/util/mem.h src/util/num.h src/util/pool.h src/util/rd.h src/util/str.h src/util/wr.h 
