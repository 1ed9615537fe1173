noinst_LIBRARIES += src/coap/libcoap.a
src_coap_libcoap_a_SOURCES = src/coap/msg.h src/coap/opt.h
