# The real daemon and lwm2mctl on a private dbus-daemon.
TESTS += tests/bus/test_bus.py
EXTRA_DIST += tests/bus/test_bus.py
