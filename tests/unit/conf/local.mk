# Tests of src/conf: see tests/local.mk for the pattern.
