check_PROGRAMS += tests/unit/util/test_util
TESTS += tests/unit/util/test_util
tests_unit_util_test_util_SOURCES = tests/unit/util/test_util.c
tests_unit_util_test_util_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_util_test_util_LDADD = $(UTIL_LIBS) $(CMOCKA_LIBS)
