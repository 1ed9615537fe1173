noinst_LIBRARIES += src/transport/libtransport.a
src_transport_libtransport_a_SOURCES = src/transport/addr.h src/transport/link.h
