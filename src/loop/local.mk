noinst_LIBRARIES += src/loop/libloop.a
src_loop_libloop_a_SOURCES = src/loop/glib.h src/loop/loop.h src/loop/post.h src/loop/timer.h src/loop/work.h 
src_loop_libloop_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS) $(GIO_CFLAGS)
