check_PROGRAMS += tests/unit/machine/test_sys
TESTS += tests/unit/machine/test_sys
tests_unit_machine_test_sys_SOURCES = tests/unit/machine/test_sys.c
tests_unit_machine_test_sys_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_machine_test_sys_LDADD = $(MACHINE_LIBS) $(CMOCKA_LIBS)
