noinst_LIBRARIES += src/oscore/liboscore.a
src_oscore_liboscore_a_SOURCES = \
	src/oscore/cbor.h \
	src/oscore/context.c src/oscore/context.h \
	src/oscore/option.c src/oscore/option.h \
	src/oscore/protect.c src/oscore/protect.h \
	src/oscore/recover.c \
	src/oscore/replay.c src/oscore/replay.h \
	src/oscore/state.h \
	src/oscore/unprotect.c
