check_PROGRAMS += tests/unit/coap/test_msg
TESTS += tests/unit/coap/test_msg
tests_unit_coap_test_msg_SOURCES = tests/unit/coap/test_msg.c
tests_unit_coap_test_msg_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_coap_test_msg_LDADD = $(COAP_LIBS) $(CMOCKA_LIBS)
