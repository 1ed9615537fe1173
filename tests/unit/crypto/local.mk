check_PROGRAMS += tests/unit/crypto/test_rand
TESTS += tests/unit/crypto/test_rand
tests_unit_crypto_test_rand_SOURCES = tests/unit/crypto/test_rand.c
tests_unit_crypto_test_rand_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_crypto_test_rand_LDADD = $(HASH_LIBS) $(CMOCKA_LIBS)
