# Plugins that are none, for the loader.
PLUGIN_FAKES = tests/unit/plugin/noabi.la tests/unit/plugin/noname.la tests/unit/plugin/nothing.la
check_LTLIBRARIES += $(PLUGIN_FAKES)
FAKE_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
tests_unit_plugin_noabi_la_SOURCES = tests/unit/plugin/fake.c
tests_unit_plugin_noabi_la_CPPFLAGS = $(AM_CPPFLAGS) -DFAKE_ABI=999 -DFAKE_NAME='"noabi"'
tests_unit_plugin_noabi_la_LDFLAGS = $(FAKE_LDFLAGS)
tests_unit_plugin_noname_la_SOURCES = tests/unit/plugin/fake.c
tests_unit_plugin_noname_la_CPPFLAGS = $(AM_CPPFLAGS) -DFAKE_ABI=LGW_PLUGIN_ABI -DFAKE_NAME='"other"'
tests_unit_plugin_noname_la_LDFLAGS = $(FAKE_LDFLAGS)
tests_unit_plugin_nothing_la_SOURCES = tests/unit/plugin/nothing.c
tests_unit_plugin_nothing_la_LDFLAGS = $(FAKE_LDFLAGS)

check_PROGRAMS += tests/unit/plugin/test_loader
TESTS += tests/unit/plugin/test_loader
tests_unit_plugin_test_loader_SOURCES = tests/unit/plugin/test_loader.c
tests_unit_plugin_test_loader_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_plugin_test_loader_LDADD = $(PLUGIN_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/plugin/test_service
TESTS += tests/unit/plugin/test_service
tests_unit_plugin_test_service_SOURCES = tests/unit/plugin/test_service.c
tests_unit_plugin_test_service_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_plugin_test_service_LDADD = $(PLUGIN_LIBS) $(CMOCKA_LIBS)
