noinst_LIBRARIES += src/session/libsession.a
src_session_libsession_a_SOURCES = \
	src/session/block.c src/session/block.h \
	src/session/call.c \
	src/session/call_block.c \
	src/session/dedup.c \
	src/session/demux.c \
	src/session/exchange.c \
	src/session/observe.c src/session/observer.h \
	src/session/pools.c \
	src/session/reliab.c \
	src/session/secure.c \
	src/session/shared.c \
	src/session/session.c src/session/session.h \
	src/session/signal.c \
	src/session/state.h \
	src/session/stream.c \
	src/session/transfer.c \
	src/session/wire.c
