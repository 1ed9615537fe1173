noinst_LIBRARIES += src/crypto/libcrypto.a
src_crypto_libcrypto_a_SOURCES = src/crypto/rand.c src/crypto/rand.h
src_crypto_libcrypto_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
