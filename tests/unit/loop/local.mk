# Tests of src/loop: see tests/local.mk for the pattern.
