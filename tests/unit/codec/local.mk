# Tests of src/codec: see tests/local.mk for the pattern.
