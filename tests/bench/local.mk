# `make bench` prints figures; nothing here is a test.
EXTRA_PROGRAMS = tests/bench/load
tests_bench_load_SOURCES = tests/bench/load.c
CLEANFILES += tests/bench/load$(EXEEXT)
BENCH_BUILD += tests/bench/load$(EXEEXT)
BENCH_RUN += tests/bench/bench.py
EXTRA_DIST += tests/bench/bench.py
