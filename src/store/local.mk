noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	src/store/back.h \
	src/store/boots.c src/store/boots.h \
	src/store/fact.c \
	src/store/item.c src/store/item.h \
	src/store/line.c \
	src/store/room.c \
	src/store/sqlite.c \
	src/store/state.h \
	src/store/store.c src/store/store.h \
	src/store/writer.c src/store/writer.h
src_store_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
