check_PROGRAMS += tests/unit/transport/test_uri tests/unit/transport/test_udp
TESTS += tests/unit/transport/test_uri tests/unit/transport/test_udp
tests_unit_transport_test_uri_SOURCES = tests/unit/transport/test_uri.c
tests_unit_transport_test_uri_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_transport_test_uri_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
tests_unit_transport_test_udp_SOURCES = tests/unit/transport/test_udp.c
tests_unit_transport_test_udp_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_transport_test_udp_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
