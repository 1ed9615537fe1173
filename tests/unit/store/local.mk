check_PROGRAMS += tests/unit/store/test_store tests/unit/store/test_clock
TESTS += tests/unit/store/test_store tests/unit/store/test_clock
tests_unit_store_test_store_SOURCES = tests/unit/store/test_store.c
tests_unit_store_test_store_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_store_test_store_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
tests_unit_store_test_clock_SOURCES = tests/unit/store/test_clock.c
tests_unit_store_test_clock_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_store_test_clock_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
