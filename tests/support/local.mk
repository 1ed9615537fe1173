# What several tests share. SUPPORT_LIBS stands before the libraries of the tested folder.
check_LIBRARIES += tests/support/libsupport.a
tests_support_libsupport_a_SOURCES = tests/support/scripted.c tests/support/scripted.h \
	tests/support/sslpeer.c tests/support/sslpeer.h tests/support/until.h
SUPPORT_LIBS = tests/support/libsupport.a
SUPPORT_CPPFLAGS = -I$(top_srcdir)/tests/support
TESTS += tests/support/test_lwm2m_server.py
EXTRA_DIST += tests/support/test_lwm2m_server.py tests/support/lwm2m_server.py tests/support/gateway.py tests/support/lossy.py \
	tests/support/fake_modem.py tests/support/mmstage.py tests/support/scripted_mm.py tests/support/sms_pdu.py \
	tests/support/ports.py tests/support/air.py tests/support/modemcase.py tests/support/polkit.py
