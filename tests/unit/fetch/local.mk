check_PROGRAMS += tests/unit/fetch/test_fetch
TESTS += tests/unit/fetch/test_fetch
tests_unit_fetch_test_fetch_SOURCES = tests/unit/fetch/test_fetch.c
tests_unit_fetch_test_fetch_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_fetch_test_fetch_LDADD = $(FETCH_LIBS) $(CMOCKA_LIBS)
