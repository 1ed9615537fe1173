noinst_LIBRARIES += src/dbus/libdbus.a
src_dbus_libdbus_a_SOURCES = src/dbus/bus.h
src_dbus_libdbus_a_CPPFLAGS = $(AM_CPPFLAGS) $(GIO_CFLAGS)
