noinst_LIBRARIES += src/coap/libcoap.a
src_coap_libcoap_a_SOURCES = \
	src/coap/block.c src/coap/block.h \
	src/coap/msg.c src/coap/msg.h \
	src/coap/opt.c src/coap/opt.h \
	src/coap/push.c src/coap/push.h \
	src/coap/wire_tcp.c src/coap/wire_tcp.h
