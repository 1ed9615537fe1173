check_PROGRAMS += tests/unit/oscore/test_vectors tests/unit/oscore/test_option \
	tests/unit/oscore/test_context
TESTS += tests/unit/oscore/test_vectors tests/unit/oscore/test_option \
	tests/unit/oscore/test_context
tests_unit_oscore_test_vectors_SOURCES = tests/unit/oscore/test_vectors.c
tests_unit_oscore_test_vectors_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_oscore_test_vectors_LDADD = $(OSCORE_LIBS) $(CMOCKA_LIBS)
tests_unit_oscore_test_option_SOURCES = tests/unit/oscore/test_option.c
tests_unit_oscore_test_option_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_oscore_test_option_LDADD = $(OSCORE_LIBS) $(CMOCKA_LIBS)
tests_unit_oscore_test_context_SOURCES = tests/unit/oscore/test_context.c
tests_unit_oscore_test_context_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_oscore_test_context_LDADD = $(OSCORE_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/vectors/oscore
