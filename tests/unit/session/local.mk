SESSION_TESTS = tests/unit/session/test_block tests/unit/session/test_exchange tests/unit/session/test_call \
	tests/unit/session/test_observe tests/unit/session/test_secure \
	tests/unit/session/test_stream tests/unit/session/test_loss
SESSION_PEER = tests/unit/session/peer.c tests/unit/session/peer.h
SESSION_TESTS_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
SESSION_TESTS_LDADD = $(SUPPORT_LIBS) $(SESSION_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += $(SESSION_TESTS)
TESTS += $(SESSION_TESTS)
tests_unit_session_test_exchange_SOURCES = tests/unit/session/test_exchange.c $(SESSION_PEER)
tests_unit_session_test_exchange_CPPFLAGS = $(SESSION_TESTS_CPPFLAGS)
tests_unit_session_test_exchange_LDADD = $(SESSION_TESTS_LDADD)
tests_unit_session_test_call_SOURCES = tests/unit/session/test_call.c $(SESSION_PEER)
tests_unit_session_test_call_CPPFLAGS = $(SESSION_TESTS_CPPFLAGS)
tests_unit_session_test_call_LDADD = $(SESSION_TESTS_LDADD)
tests_unit_session_test_observe_SOURCES = tests/unit/session/test_observe.c $(SESSION_PEER)
tests_unit_session_test_observe_CPPFLAGS = $(SESSION_TESTS_CPPFLAGS)
tests_unit_session_test_observe_LDADD = $(SESSION_TESTS_LDADD)
tests_unit_session_test_secure_SOURCES = tests/unit/session/test_secure.c $(SESSION_PEER)
tests_unit_session_test_secure_CPPFLAGS = $(SESSION_TESTS_CPPFLAGS)
tests_unit_session_test_secure_LDADD = $(SESSION_TESTS_LDADD)
tests_unit_session_test_loss_SOURCES = tests/unit/session/test_loss.c
tests_unit_session_test_loss_CPPFLAGS = $(SESSION_TESTS_CPPFLAGS)
tests_unit_session_test_loss_LDADD = $(SESSION_TESTS_LDADD)
tests_unit_session_test_stream_SOURCES = tests/unit/session/test_stream.c $(SESSION_PEER)
tests_unit_session_test_stream_CPPFLAGS = $(SESSION_TESTS_CPPFLAGS)
tests_unit_session_test_stream_LDADD = $(SESSION_TESTS_LDADD)
tests_unit_session_test_block_SOURCES = tests/unit/session/test_block.c \
	tests/unit/session/blockplay.c tests/unit/session/blockplay.h
tests_unit_session_test_block_CPPFLAGS = $(SESSION_TESTS_CPPFLAGS)
tests_unit_session_test_block_LDADD = $(SESSION_TESTS_LDADD)
EXTRA_DIST += tests/vectors/block
check_PROGRAMS += tests/unit/session/test_resume
TESTS += tests/unit/session/test_resume
tests_unit_session_test_resume_SOURCES = tests/unit/session/test_resume.c \
	tests/unit/session/blockplay.c tests/unit/session/blockplay.h
tests_unit_session_test_resume_CPPFLAGS = $(SESSION_TESTS_CPPFLAGS)
tests_unit_session_test_resume_LDADD = $(SESSION_TESTS_LDADD)
