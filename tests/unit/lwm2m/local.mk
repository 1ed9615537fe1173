check_PROGRAMS += tests/unit/lwm2m/test_parts
TESTS += tests/unit/lwm2m/test_parts
tests_unit_lwm2m_test_parts_SOURCES = tests/unit/lwm2m/test_parts.c
tests_unit_lwm2m_test_parts_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_lwm2m_test_parts_LDADD = $(LWM2M_LIBS) $(CMOCKA_LIBS)
