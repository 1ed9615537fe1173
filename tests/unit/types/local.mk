# Tests of src/types: see tests/local.mk for the pattern.
