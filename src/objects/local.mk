noinst_LIBRARIES += src/objects/libobjects.a
src_objects_libobjects_a_SOURCES = \
	src/objects/access.h \
	src/objects/account.c src/objects/account.h \
	src/objects/cellular.c \
	src/objects/env.h \
	src/objects/firmware.h \
	src/objects/o0_security.c \
	src/objects/o1_server.c \
	src/objects/o2_access.c \
	src/objects/o3_device.c \
	src/objects/o4_connectivity.c \
	src/objects/o5_firmware.c \
	src/objects/o6_location.c \
	src/objects/o7_statistics.c \
	src/objects/o16_portfolio.c \
	src/objects/o19_appdata.c \
	src/objects/o9_software.c \
	src/objects/o14_component.c \
	src/objects/registry.c \
	src/objects/software.h src/objects/software_state.h \
	src/objects/standard.h \
	src/objects/state.h
