noinst_LIBRARIES += src/plugin/libplugin.a
src_plugin_libplugin_a_SOURCES = \
	src/plugin/host.c src/plugin/host.h \
	src/plugin/loader.c \
	src/plugin/service.c \
	src/plugin/state.h
