# Tests of src/transport: see tests/local.mk for the pattern.
