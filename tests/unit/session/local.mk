# Tests of src/session: see tests/local.mk for the pattern.
