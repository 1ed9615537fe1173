noinst_LIBRARIES += src/dm/libdm.a
src_dm_libdm_a_SOURCES = \
	src/dm/args.c src/dm/args.h \
	src/dm/attr.c \
	src/dm/composite.c \
	src/dm/bootstrap.c \
	src/dm/defset.h \
	src/dm/defxml.c \
	src/dm/discover.c \
	src/dm/inst.c \
	src/dm/dm.h \
	src/dm/objdef.c src/dm/objdef.h \
	src/dm/object.h \
	src/dm/op.c \
	src/dm/range.c src/dm/range.h \
	src/dm/read.c src/dm/rewrite.c \
	src/dm/shape.c src/dm/shape.h \
	src/dm/stream.c \
	src/dm/tree.c src/dm/tree.h \
	src/dm/undo.c \
	src/dm/write.c
src_dm_libdm_a_CPPFLAGS = $(AM_CPPFLAGS) $(XML_CFLAGS)
