noinst_LIBRARIES += src/objects/libobjects.a
src_objects_libobjects_a_SOURCES = src/objects/account.h src/objects/env.h
