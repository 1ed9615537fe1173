# `make bench` prints figures; nothing here is a test.
EXTRA_PROGRAMS = tests/bench/load
tests_bench_load_SOURCES = tests/bench/load.c
CLEANFILES += tests/bench/load$(EXEEXT)
BENCH_BUILD += tests/bench/load$(EXEEXT)
BENCH_RUN += tests/bench/bench.py
EXTRA_DIST += tests/bench/bench.py

EXTRA_PROGRAMS += tests/bench/secure
tests_bench_secure_SOURCES = tests/bench/secure.c
tests_bench_secure_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS)
tests_bench_secure_LDADD = $(SUPPORT_LIBS) $(SESSION_LIBS)
CLEANFILES += tests/bench/secure$(EXEEXT)
BENCH_BUILD += tests/bench/secure$(EXEEXT)
BENCH_RUN += tests/bench/secure

EXTRA_PROGRAMS += tests/bench/oscore
tests_bench_oscore_SOURCES = tests/bench/oscore.c
tests_bench_oscore_LDADD = $(OSCORE_LIBS)
CLEANFILES += tests/bench/oscore$(EXEEXT)
BENCH_BUILD += tests/bench/oscore$(EXEEXT)
BENCH_RUN += tests/bench/oscore

EXTRA_PROGRAMS += tests/bench/large
tests_bench_large_SOURCES = tests/bench/large.c
tests_bench_large_LDADD = $(CODEC_LIBS)
CLEANFILES += tests/bench/large$(EXEEXT)
BENCH_BUILD += tests/bench/large$(EXEEXT)
BENCH_RUN += tests/bench/large

EXTRA_PROGRAMS += tests/bench/store
tests_bench_store_SOURCES = tests/bench/store.c
tests_bench_store_LDADD = $(STORE_LIBS)
CLEANFILES += tests/bench/store$(EXEEXT)
BENCH_BUILD += tests/bench/store$(EXEEXT)
BENCH_RUN += tests/bench/store
