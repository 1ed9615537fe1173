if SIM
plugin_LTLIBRARIES += plugins/sim/sim.la
plugins_sim_sim_la_SOURCES = plugins/sim/sim.c
plugins_sim_sim_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -no-undefined
plugins_sim_sim_la_LIBADD = -lm

check_PROGRAMS += plugins/sim/test_sim
TESTS += plugins/sim/test_sim
plugins_sim_test_sim_SOURCES = plugins/sim/test_sim.c plugins/sim/sim.c
plugins_sim_test_sim_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
plugins_sim_test_sim_LDADD = -lm $(CMOCKA_LIBS)
endif
EXTRA_DIST += plugins/sim/README.md
