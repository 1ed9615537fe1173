noinst_LIBRARIES += src/daemon/libdaemon.a
src_daemon_libdaemon_a_SOURCES = \
	src/daemon/daemon.c src/daemon/daemon.h \
	src/daemon/environment.c src/daemon/environment.h \
	src/daemon/journal.c src/daemon/journal.h \
	src/daemon/machine_id.c src/daemon/machine_id.h \
	src/daemon/notify.c src/daemon/notify.h \
	src/daemon/options.c src/daemon/options.h \
	src/daemon/storage.c src/daemon/storage.h \
	src/daemon/updates.c src/daemon/updates.h
src_daemon_libdaemon_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)

sbin_PROGRAMS += src/daemon/lwm2m-gatewayd
src_daemon_lwm2m_gatewayd_SOURCES = src/daemon/main.c
src_daemon_lwm2m_gatewayd_LDADD = $(DAEMON_LIBS)
