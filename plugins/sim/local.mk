if SIM
plugin_LTLIBRARIES += plugins/sim/sim.la
plugins_sim_sim_la_SOURCES = plugins/sim/sim.c
plugins_sim_sim_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -no-undefined
plugins_sim_sim_la_LIBADD = -lm
endif
EXTRA_DIST += plugins/sim/README.md
