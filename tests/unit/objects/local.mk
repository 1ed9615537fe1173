check_PROGRAMS += tests/unit/objects/test_objects
TESTS += tests/unit/objects/test_objects
tests_unit_objects_test_objects_SOURCES = tests/unit/objects/test_objects.c tests/unit/dm/fixture.h
tests_unit_objects_test_objects_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm $(CMOCKA_CFLAGS)
tests_unit_objects_test_objects_LDADD = $(OBJECTS_LIBS) $(CMOCKA_LIBS)
