noinst_LIBRARIES += src/objects/libobjects.a
src_objects_libobjects_a_SOURCES = \
	src/objects/access.h \
	src/objects/account.c src/objects/account.h \
	src/objects/env.h \
	src/objects/o0_security.c \
	src/objects/o1_server.c \
	src/objects/o2_access.c \
	src/objects/o3_device.c \
	src/objects/registry.c \
	src/objects/state.h
