noinst_LIBRARIES += src/ctl/libctl.a
src_ctl_libctl_a_SOURCES =
src_ctl_libctl_a_CPPFLAGS = $(AM_CPPFLAGS) $(GIO_CFLAGS)
