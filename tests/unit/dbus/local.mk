# Tests of src/dbus: see tests/local.mk for the pattern.
