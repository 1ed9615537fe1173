# Tests of src/plugin: see tests/local.mk for the pattern.
