noinst_LIBRARIES += src/gateway/libgateway.a
src_gateway_libgateway_a_SOURCES = src/gateway/gateway.h src/gateway/params.h
