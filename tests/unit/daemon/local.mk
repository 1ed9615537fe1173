# Tests of src/daemon: see tests/local.mk for the pattern.
