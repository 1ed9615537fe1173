noinst_LIBRARIES += src/types/libtypes.a
src_types_libtypes_a_SOURCES = \
	src/types/attr.c src/types/attr.h \
	src/types/format.h \
	src/types/path.c src/types/path.h \
	src/types/record.h \
	src/types/value.c src/types/value.h \
	src/types/version.h
