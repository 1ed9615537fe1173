check_PROGRAMS += tests/unit/transport/test_uri tests/unit/transport/test_udp tests/unit/transport/test_tcp
TESTS += tests/unit/transport/test_uri tests/unit/transport/test_udp tests/unit/transport/test_tcp
tests_unit_transport_test_uri_SOURCES = tests/unit/transport/test_uri.c
tests_unit_transport_test_uri_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_transport_test_uri_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
tests_unit_transport_test_udp_SOURCES = tests/unit/transport/test_udp.c
tests_unit_transport_test_udp_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_transport_test_udp_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/transport/test_dtls
TESTS += tests/unit/transport/test_dtls
tests_unit_transport_test_dtls_SOURCES = tests/unit/transport/test_dtls.c \
	tests/unit/transport/securestage.c tests/unit/transport/securestage.h
tests_unit_transport_test_dtls_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_transport_test_dtls_LDADD = $(SUPPORT_LIBS) $(SESSION_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/transport/test_ssl
TESTS += tests/unit/transport/test_ssl
tests_unit_transport_test_ssl_SOURCES = tests/unit/transport/test_ssl.c \
	tests/unit/transport/securestage.c tests/unit/transport/securestage.h
tests_unit_transport_test_ssl_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_transport_test_ssl_LDADD = $(SUPPORT_LIBS) $(SESSION_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/transport/test_ssllink
TESTS += tests/unit/transport/test_ssllink
tests_unit_transport_test_ssllink_SOURCES = tests/unit/transport/test_ssllink.c \
	tests/unit/transport/securestage.c tests/unit/transport/securestage.h
tests_unit_transport_test_ssllink_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_transport_test_ssllink_LDADD = $(SUPPORT_LIBS) $(SESSION_LIBS) $(CMOCKA_LIBS)
tests_unit_transport_test_tcp_SOURCES = tests/unit/transport/test_tcp.c
tests_unit_transport_test_tcp_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_transport_test_tcp_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/transport/test_carrier
TESTS += tests/unit/transport/test_carrier
tests_unit_transport_test_carrier_SOURCES = tests/unit/transport/test_carrier.c
tests_unit_transport_test_carrier_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_transport_test_carrier_LDADD = $(SUPPORT_LIBS) $(SESSION_LIBS) $(CMOCKA_LIBS)
