# src/dbus/info.[ch] are made from dbus/*.xml, which are the reference.
BUS_XML = \
	dbus/org.lwm2m.Gateway1.Manager.xml \
	dbus/org.lwm2m.Gateway1.Device.xml \
	dbus/org.freedesktop.DBus.ObjectManager.xml
BUILT_SOURCES += src/dbus/info.h src/dbus/info.c
CLEANFILES += src/dbus/info.h src/dbus/info.c

src/dbus/info.h: $(BUS_XML)
	$(AM_V_GEN)$(MKDIR_P) src/dbus && \
		$(GDBUS_CODEGEN) --interface-info-header --output $@ $(BUS_XML:%=$(srcdir)/%)
src/dbus/info.c: $(BUS_XML)
	$(AM_V_GEN)$(MKDIR_P) src/dbus && \
		$(GDBUS_CODEGEN) --interface-info-body --output $@ $(BUS_XML:%=$(srcdir)/%)

noinst_LIBRARIES += src/dbus/libdbus.a
src_dbus_libdbus_a_SOURCES = \
	src/dbus/bus.c src/dbus/bus.h src/dbus/state.h \
	src/dbus/hook.c src/dbus/hook.h \
	src/dbus/device.c src/dbus/manager.c src/dbus/methods.c \
	src/dbus/monitor.c src/dbus/objman.c src/dbus/servers.c src/dbus/store.c src/dbus/variant.c
nodist_src_dbus_libdbus_a_SOURCES = src/dbus/info.c src/dbus/info.h
src_dbus_libdbus_a_CPPFLAGS = $(AM_CPPFLAGS) $(GIO_CFLAGS)
