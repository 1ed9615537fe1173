# Tests of src/objects: see tests/local.mk for the pattern.
