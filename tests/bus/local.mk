# The real daemon and lwm2mctl on a private dbus-daemon; ModemManager with an emulated modem.
TESTS += tests/bus/test_bus.py tests/bus/test_fake_modem.py
EXTRA_DIST += tests/bus/test_bus.py tests/bus/test_fake_modem.py
