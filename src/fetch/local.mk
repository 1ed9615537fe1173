noinst_LIBRARIES += src/fetch/libfetch.a
src_fetch_libfetch_a_SOURCES = \
	src/fetch/coap.c \
	src/fetch/fetch.c src/fetch/fetch.h \
	src/fetch/http.c \
	src/fetch/locator.c src/fetch/locator.h \
	src/fetch/state.h \
	src/fetch/verify.c src/fetch/verify.h
src_fetch_libfetch_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
