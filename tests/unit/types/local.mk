check_PROGRAMS += tests/unit/types/test_types
TESTS += tests/unit/types/test_types
tests_unit_types_test_types_SOURCES = tests/unit/types/test_types.c
tests_unit_types_test_types_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_types_test_types_LDADD = $(TYPES_LIBS) $(CMOCKA_LIBS)
