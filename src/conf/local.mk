noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_SOURCES = src/conf/conf.h
src_conf_libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFIG_CFLAGS)
