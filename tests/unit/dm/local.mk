# Tests of src/dm: see tests/local.mk for the pattern.
