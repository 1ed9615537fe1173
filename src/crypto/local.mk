noinst_LIBRARIES += src/crypto/libcrypto.a
src_crypto_libcrypto_a_SOURCES = \
	src/crypto/aead.c src/crypto/aead.h \
	src/crypto/cred.c src/crypto/cred.h \
	src/crypto/hash.c src/crypto/hash.h \
	src/crypto/hkdf.c src/crypto/hkdf.h \
	src/crypto/hmac.c src/crypto/hmac.h \
	src/crypto/keyform.c src/crypto/keyform.h src/crypto/keystore.c \
	src/crypto/oscred.c src/crypto/oscred.h \
	src/crypto/rand.c src/crypto/rand.h \
	src/crypto/suite.c src/crypto/suite.h
src_crypto_libcrypto_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
