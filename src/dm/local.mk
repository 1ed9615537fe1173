noinst_LIBRARIES += src/dm/libdm.a
src_dm_libdm_a_SOURCES = src/dm/dm.h src/dm/objdef.h src/dm/object.h
src_dm_libdm_a_CPPFLAGS = $(AM_CPPFLAGS) $(XML_CFLAGS)
