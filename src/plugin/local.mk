noinst_LIBRARIES += src/plugin/libplugin.a
src_plugin_libplugin_a_SOURCES = src/plugin/host.h
