check_PROGRAMS += tests/unit/dbus/test_variant
TESTS += tests/unit/dbus/test_variant
tests_unit_dbus_test_variant_SOURCES = tests/unit/dbus/test_variant.c
tests_unit_dbus_test_variant_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(GIO_CFLAGS)
tests_unit_dbus_test_variant_LDADD = $(DBUS_LIBS) $(CMOCKA_LIBS)
