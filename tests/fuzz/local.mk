# A fuzz target is tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput, its seeds are the files of
# tests/fuzz/seeds/NAME/. In make check each runs over its seeds; with --enable-fuzzing (clang) it
# is linked with libFuzzer: ./tests/fuzz/fuzz_NAME -max_total_time=600 CORPUS tests/fuzz/seeds/NAME
# A new target:  FUZZ += tests/fuzz/fuzz_NAME
#                tests_fuzz_fuzz_NAME_SOURCES = tests/fuzz/fuzz_NAME.c $(FUZZ_MAIN)
#                tests_fuzz_fuzz_NAME_LDFLAGS = $(FUZZ_LDFLAGS)
#                tests_fuzz_fuzz_NAME_LDADD = $(X_LIBS)
FUZZ =
if FUZZING
FUZZ_MAIN =
FUZZ_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/main.c
FUZZ_LDFLAGS = $(AM_LDFLAGS)
endif

FUZZ += tests/fuzz/fuzz_types
tests_fuzz_fuzz_types_SOURCES = tests/fuzz/fuzz_types.c $(FUZZ_MAIN)
tests_fuzz_fuzz_types_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_types_LDADD = $(TYPES_LIBS)

FUZZ += tests/fuzz/fuzz_codec
tests_fuzz_fuzz_codec_SOURCES = tests/fuzz/fuzz_codec.c $(FUZZ_MAIN)
tests_fuzz_fuzz_codec_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_codec_LDADD = $(CODEC_LIBS)

FUZZ += tests/fuzz/fuzz_lwm2m
tests_fuzz_fuzz_lwm2m_SOURCES = tests/fuzz/fuzz_lwm2m.c $(FUZZ_MAIN)
tests_fuzz_fuzz_lwm2m_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS)
tests_fuzz_fuzz_lwm2m_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_lwm2m_LDADD = $(SUPPORT_LIBS) $(LWM2M_LIBS)

check_PROGRAMS += $(FUZZ)
TESTS += tests/fuzz/run-seeds.sh
EXTRA_DIST += tests/fuzz/run-seeds.sh tests/fuzz/seeds
