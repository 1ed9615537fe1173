if MODEM
plugin_LTLIBRARIES += plugins/modem/modem.la
plugins_modem_modem_la_SOURCES = \
	plugins/modem/bearer.c \
	plugins/modem/cellular.c \
	plugins/modem/conf.c plugins/modem/conf.h \
	plugins/modem/facts.c \
	plugins/modem/inbox.c \
	plugins/modem/lock.c plugins/modem/lock.h \
	plugins/modem/machine.c \
	plugins/modem/modem.c plugins/modem/state.h \
	plugins/modem/outbox.c \
	plugins/modem/profile.c plugins/modem/profile.h \
	plugins/modem/radio.c plugins/modem/radio.h \
	plugins/modem/remember.c \
	plugins/modem/selection.c plugins/modem/selection.h \
	plugins/modem/watch.c
plugins_modem_modem_la_CPPFLAGS = $(AM_CPPFLAGS) $(MM_CFLAGS)
plugins_modem_modem_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -no-undefined
plugins_modem_modem_la_LIBADD = $(MM_LIBS) -lm
endif
EXTRA_DIST += plugins/modem/README.md
if MODEM
# Without ModemManager: what is written, told and remembered of profiles.
MODEM_TEST_SOURCES = plugins/modem/fakehost.h plugins/modem/bearer.c plugins/modem/profile.c \
	plugins/modem/remember.c
MODEM_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/modem $(MM_CFLAGS) $(CMOCKA_CFLAGS)
check_PROGRAMS += plugins/modem/test_profile
TESTS += plugins/modem/test_profile
plugins_modem_test_profile_SOURCES = plugins/modem/test_profile.c $(MODEM_TEST_SOURCES)
plugins_modem_test_profile_CPPFLAGS = $(MODEM_TEST_CPPFLAGS)
plugins_modem_test_profile_LDADD = $(MM_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += plugins/modem/test_selection
TESTS += plugins/modem/test_selection
plugins_modem_test_selection_SOURCES = plugins/modem/test_selection.c plugins/modem/fakehost.h \
	plugins/modem/radio.c plugins/modem/selection.c
plugins_modem_test_selection_CPPFLAGS = $(MODEM_TEST_CPPFLAGS)
plugins_modem_test_selection_LDADD = $(MM_LIBS) $(CMOCKA_LIBS)
endif
