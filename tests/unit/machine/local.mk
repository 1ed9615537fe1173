# Tests of src/machine: see tests/local.mk for the pattern.
