noinst_LIBRARIES += src/loop/libloop.a
src_loop_libloop_a_SOURCES = \
	src/loop/clock.c src/loop/clock.h \
	src/loop/glib.c src/loop/glib.h \
	src/loop/loop.c src/loop/loop.h \
	src/loop/post.c src/loop/post.h \
	src/loop/timer.c src/loop/timer.h \
	src/loop/work.c src/loop/work.h
src_loop_libloop_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS) $(GIO_CFLAGS)
