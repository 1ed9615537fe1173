noinst_LIBRARIES += src/transport/libtransport.a
src_transport_libtransport_a_SOURCES = \
	src/transport/addr.c src/transport/addr.h \
	src/transport/link.h src/transport/registry.c \
	src/transport/resolve.c src/transport/resolve.h \
	src/transport/udp.c src/transport/udp.h \
	src/transport/uri.c
