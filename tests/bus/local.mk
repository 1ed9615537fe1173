# The real daemon and lwm2mctl on a private dbus-daemon; ModemManager with an emulated modem.
BUS_TESTS = tests/bus/test_bus.py tests/bus/test_card.py tests/bus/test_fake_modem.py \
	tests/bus/test_cellular.py tests/bus/test_data.py tests/bus/test_modem.py \
	tests/bus/test_sms.py
TESTS += $(BUS_TESTS)
EXTRA_DIST += $(BUS_TESTS)
