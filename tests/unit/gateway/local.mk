# Tests of src/gateway: see tests/local.mk for the pattern.
