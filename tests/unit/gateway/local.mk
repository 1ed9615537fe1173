check_PROGRAMS += tests/unit/gateway/test_map tests/unit/gateway/test_names
TESTS += tests/unit/gateway/test_map tests/unit/gateway/test_names
tests_unit_gateway_test_map_SOURCES = tests/unit/gateway/test_map.c tests/unit/dm/fixture.h
tests_unit_gateway_test_map_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm $(CMOCKA_CFLAGS)
tests_unit_gateway_test_map_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS)
tests_unit_gateway_test_names_SOURCES = tests/unit/gateway/test_names.c tests/unit/dm/fixture.h
tests_unit_gateway_test_names_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm $(CMOCKA_CFLAGS)
tests_unit_gateway_test_names_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS)
