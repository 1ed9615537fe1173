noinst_LIBRARIES += src/gateway/libgateway.a
src_gateway_libgateway_a_SOURCES = \
	src/gateway/absent.c src/gateway/absent.h \
	src/gateway/cellprofile.c \
	src/gateway/cellular.c \
	src/gateway/command.c \
	src/gateway/convert.c \
	src/gateway/device.c \
	src/gateway/firmware.c src/gateway/firmware.h \
	src/gateway/gateway.c src/gateway/gateway.h \
	src/gateway/hook.h src/gateway/hook_exec.c \
	src/gateway/identity.c src/gateway/identity.h \
	src/gateway/keep.c src/gateway/keep.h \
	src/gateway/kept.c src/gateway/kept.h \
	src/gateway/keys.c src/gateway/keys.h \
	src/gateway/map.c src/gateway/map.h \
	src/gateway/marks.c src/gateway/marks.h \
	src/gateway/names.c src/gateway/names.h \
	src/gateway/params.h \
	src/gateway/parcel.c src/gateway/parcel.h \
	src/gateway/position.c \
	src/gateway/reading.c \
	src/gateway/remember.c src/gateway/remember.h \
	src/gateway/residue.c src/gateway/residue.h \
	src/gateway/revive.c \
	src/gateway/software.c src/gateway/software.h \
	src/gateway/standard.c src/gateway/state.h \
	src/gateway/told.c src/gateway/told.h
