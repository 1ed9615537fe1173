noinst_LIBRARIES += src/machine/libmachine.a
src_machine_libmachine_a_SOURCES = \
	src/machine/net.c src/machine/net.h \
	src/machine/sys.c src/machine/sys.h
