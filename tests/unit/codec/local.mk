check_PROGRAMS += tests/unit/codec/test_tlv tests/unit/codec/test_text
TESTS += tests/unit/codec/test_tlv tests/unit/codec/test_text
tests_unit_codec_test_tlv_SOURCES = tests/unit/codec/test_tlv.c
tests_unit_codec_test_tlv_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_codec_test_tlv_LDADD = $(CODEC_LIBS) $(CMOCKA_LIBS)
tests_unit_codec_test_text_SOURCES = tests/unit/codec/test_text.c
tests_unit_codec_test_text_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_codec_test_text_LDADD = $(CODEC_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/vectors/tlv tests/vectors/link
check_PROGRAMS += tests/unit/codec/test_senml
TESTS += tests/unit/codec/test_senml
tests_unit_codec_test_senml_SOURCES = tests/unit/codec/test_senml.c
tests_unit_codec_test_senml_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_codec_test_senml_LDADD = $(CODEC_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/codec/test_trees
TESTS += tests/unit/codec/test_trees
tests_unit_codec_test_trees_SOURCES = tests/unit/codec/test_trees.c
tests_unit_codec_test_trees_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_codec_test_trees_LDADD = $(CODEC_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/codec/test_link
TESTS += tests/unit/codec/test_link
tests_unit_codec_test_link_SOURCES = tests/unit/codec/test_link.c
tests_unit_codec_test_link_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_codec_test_link_LDADD = $(CODEC_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/codec/test_vectors
TESTS += tests/unit/codec/test_vectors
tests_unit_codec_test_vectors_SOURCES = tests/unit/codec/test_vectors.c
tests_unit_codec_test_vectors_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_codec_test_vectors_LDADD = $(CODEC_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/vectors/senml tests/vectors/values
check_PROGRAMS += tests/unit/codec/test_bombs
TESTS += tests/unit/codec/test_bombs
tests_unit_codec_test_bombs_SOURCES = tests/unit/codec/test_bombs.c
tests_unit_codec_test_bombs_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_codec_test_bombs_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc \
	-Wl,--wrap=reallocarray,--wrap=rd_u8,--wrap=rd_uint,--wrap=cborr_next \
	-Wl,--wrap=senml_take,--wrap=json_object_get
tests_unit_codec_test_bombs_LDADD = $(CODEC_LIBS) $(CMOCKA_LIBS)
