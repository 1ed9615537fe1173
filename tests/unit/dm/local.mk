check_PROGRAMS += tests/unit/dm/test_dm
TESTS += tests/unit/dm/test_dm
tests_unit_dm_test_dm_SOURCES = tests/unit/dm/test_dm.c tests/unit/dm/fixture.h
tests_unit_dm_test_dm_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_dm_test_dm_LDADD = $(DM_LIBS) $(CMOCKA_LIBS)
