noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_SOURCES = \
	src/conf/conf.c src/conf/conf.h \
	src/conf/credentials.c src/conf/credentials.h \
	src/conf/document.c \
	src/conf/member.c src/conf/member.h \
	src/conf/scan.c src/conf/scan.h \
	src/conf/oscore.c src/conf/oscore.h \
	src/conf/servers.c src/conf/servers.h \
	src/conf/schema.c src/conf/schema.h \
	src/conf/secret.c src/conf/secret.h \
	src/conf/tables.c src/conf/tables.h \
	src/conf/units.c
src_conf_libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFIG_CFLAGS)
