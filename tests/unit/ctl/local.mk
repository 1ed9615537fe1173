check_PROGRAMS += tests/unit/ctl/test_print
TESTS += tests/unit/ctl/test_print
tests_unit_ctl_test_print_SOURCES = tests/unit/ctl/test_print.c
tests_unit_ctl_test_print_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(GIO_CFLAGS)
tests_unit_ctl_test_print_LDADD = $(CTL_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/ctl/test_completion.sh
EXTRA_DIST += tests/unit/ctl/test_completion.sh
