check_PROGRAMS += tests/unit/loop/test_loop
TESTS += tests/unit/loop/test_loop
tests_unit_loop_test_loop_SOURCES = tests/unit/loop/test_loop.c
tests_unit_loop_test_loop_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(GIO_CFLAGS)
tests_unit_loop_test_loop_LDADD = $(LOOP_LIBS) $(CMOCKA_LIBS)
