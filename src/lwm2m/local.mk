noinst_LIBRARIES += src/lwm2m/liblwm2m.a
src_lwm2m_liblwm2m_a_SOURCES = src/lwm2m/client.h src/lwm2m/clients.h
