# Tests of src/crypto: see tests/local.mk for the pattern.
