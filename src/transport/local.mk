noinst_LIBRARIES += src/transport/libtransport.a
src_transport_libtransport_a_SOURCES = \
	src/transport/addr.c src/transport/addr.h \
	src/transport/bind.c \
	src/transport/carrier.c src/transport/carrier.h \
	src/transport/dial.c src/transport/dial.h \
	src/transport/dtls.c src/transport/dtls.h \
	src/transport/ssllink.c src/transport/ssllink.h \
	src/transport/ssllink_state.h src/transport/shake.c \
	src/transport/ssl.c src/transport/ssl.h \
	src/transport/sslconn.c src/transport/sslctx.h \
	src/transport/tls.c src/transport/tls.h \
	src/transport/turn.c src/transport/turn.h \
	src/transport/link.h src/transport/registry.c \
	src/transport/linger.c src/transport/linger.h \
	src/transport/resolve.c src/transport/resolve.h \
	src/transport/tcp.c src/transport/tcp.h \
	src/transport/udp.c src/transport/udp.h \
	src/transport/uri.c
src_transport_libtransport_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
