check_PROGRAMS += tests/unit/conf/test_conf tests/unit/conf/test_parts
TESTS += tests/unit/conf/test_conf tests/unit/conf/test_parts
tests_unit_conf_test_conf_SOURCES = tests/unit/conf/test_conf.c
tests_unit_conf_test_conf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_conf_test_conf_LDADD = $(CONF_LIBS) $(CMOCKA_LIBS)
tests_unit_conf_test_parts_SOURCES = tests/unit/conf/test_parts.c
tests_unit_conf_test_parts_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_conf_test_parts_LDADD = $(CONF_LIBS) $(CMOCKA_LIBS)
